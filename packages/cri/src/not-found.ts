import { isCriNotFound } from './cri.ts';

/** The answer; undefined where there is no such thing. */
export async function unlessNotFound<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isCriNotFound(error)) return undefined;
    throw error;
  }
}

/** "Not found" on stop or remove is success. */
export async function ignoreNotFound(call: Promise<unknown>): Promise<void> {
  await unlessNotFound(call);
}
