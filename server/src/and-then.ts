/**
 * Continues with an answer, within the turn when it is there already: a promise costs a turn and some hundred bytes.
 */
export function andThen<T, R>(answer: T | Promise<T>, next: (answer: T) => R | Promise<R>): R | Promise<R> {
  return answer instanceof Promise ? answer.then(next) : next(answer);
}
