import { Listr } from 'listr2';
import type { ListrTask } from 'listr2';

/** How progress is shown: a live list on a terminal and plain lines elsewhere (`auto`), always lines, or nothing. */
export type Report = 'auto' | 'plain' | 'silent';

/** A step of some work: tells what it does in one line, may say more while it runs. */
export interface Step {
  title: string;
  run(say: (line: string) => void): Promise<unknown>;
}

export interface RunOptions {
  report?: Report;
  /** All at once (default), or one after the other. */
  concurrent?: boolean;
  /** Runs every step even when one fails, and raises nothing: the steps keep their own account. */
  keepGoing?: boolean;
}

/** Runs steps and shows them. Unless told otherwise the first failure ends it and is raised. */
export async function runSteps(steps: Step[], { report = 'silent', concurrent = true, keepGoing = false }: RunOptions = {}): Promise<void> {
  const tasks = steps.map(taskOf);
  const common = { concurrent, exitOnError: !keepGoing } as const;
  if (report === 'silent') await new Listr(tasks, { ...common, renderer: 'silent' }).run();
  else if (report === 'plain' || !process.stdout.isTTY) await new Listr(tasks, { ...common, renderer: 'simple' }).run();
  else await new Listr(tasks, { ...common, renderer: 'default', rendererOptions: { collapseErrors: true } }).run();
}

function taskOf(step: Step): ListrTask {
  return {
    title: step.title,
    task: async (_context, task) => {
      await step.run((line) => void (task.output = line));
    },
  };
}
