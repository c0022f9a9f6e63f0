/**
 * Calls `next` with the answer, at once if the answer is not a promise. A promise would cost a turn of the event loop
 * and some hundred bytes.
 */
export function andThen<T, R>(answer: T | Promise<T>, next: (answer: T) => R | Promise<R>): R | Promise<R> {
  return answer instanceof Promise ? answer.then(next) : next(answer);
}
