/** Waits for all of them, so that nothing goes on behind the caller's back; then the first failure is told. */
export async function settleAll<T extends readonly unknown[]>(work: { [Index in keyof T]: Promise<T[Index]> }): Promise<T> {
  await Promise.allSettled(work);
  return Promise.all(work) as unknown as Promise<T>;
}
