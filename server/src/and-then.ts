/**
 * Goes on with an answer: within the turn where it is there already. A promise costs a turn of the microtask queue and some hundred bytes, and most
 * answers need none.
 */
export function andThen<T, R>(answer: T | Promise<T>, next: (answer: T) => R | Promise<R>): R | Promise<R> {
  return answer instanceof Promise ? answer.then(next) : next(answer);
}
