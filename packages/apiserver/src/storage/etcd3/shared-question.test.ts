import { describe, expect, it } from 'vitest';
import { settle } from '@podling/shared/testing';
import { SharedQuestion } from './shared-question.ts';

describe('SharedQuestion', () => {
  const open = (): { question: SharedQuestion<number>; answers: PromiseWithResolvers<number>[] } => {
    const answers: PromiseWithResolvers<number>[] = [];
    const question = new SharedQuestion<number>(() => {
      const answer = Promise.withResolvers<number>();
      answers.push(answer);
      return answer.promise;
    });
    return { question, answers };
  };

  it('gives nobody an answer to a question that was sent before they asked', async () => {
    const { question, answers } = open();
    const first = question.ask();
    const late = [question.ask(), question.ask()];
    expect(answers).toHaveLength(1);
    answers[0]?.resolve(1);
    expect(await first).toBe(1);
    await settle();
    expect(answers).toHaveLength(2);
    answers[1]?.resolve(2);
    expect(await Promise.all(late)).toEqual([2, 2]);
    void question.ask();
    expect(answers).toHaveLength(3);
  });

  it('tells a failure to those who shared it and asks anew for the next', async () => {
    const { question, answers } = open();
    const first = question.ask();
    const second = question.ask();
    answers[0]?.reject(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    await settle();
    answers[1]?.resolve(2);
    expect(await second).toBe(2);
  });
});
