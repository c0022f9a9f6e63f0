import { ApiError } from "../kube/errors.ts";
import type { Kube } from "../kube/kube.ts";

/**
 * A Kube that calls the given one and reports the verb and the status of each request. The status is "none" when the
 * request got no answer.
 */
export function countedKube(kube: Kube, onRequest: (verb: string, code: string) => void): Kube {
  const counted = <A extends unknown[], T>(
    verb: string,
    call: (...args: A) => Promise<T>,
    codeOf: (answer: T) => string = () => "200",
  ) => {
    return async (...args: A): Promise<T> => {
      try {
        const answer = await call(...args);
        onRequest(verb, codeOf(answer));
        return answer;
      } catch (error) {
        onRequest(verb, error instanceof ApiError ? String(error.status) : "none");
        throw error;
      }
    };
  };
  return {
    get: counted("get", kube.get.bind(kube), foundCode),
    list: counted("list", kube.list.bind(kube)),
    watch(resource, options, signal) {
      onRequest("watch", "200");
      return kube.watch(resource, options, signal);
    },
    apply: counted("apply", kube.apply.bind(kube)),
    create: counted("create", kube.create.bind(kube)),
    replace: counted("replace", kube.replace.bind(kube)),
    mergePatch: counted("patch", kube.mergePatch.bind(kube)),
    remove: counted("delete", kube.remove.bind(kube), (isRemoved) => (isRemoved ? "200" : "404")),
    discover: counted("discover", kube.discover.bind(kube), foundCode),
    openapi: counted("openapi", kube.openapi.bind(kube), foundCode),
  };
}

/** The status of an answer. For a 404, the Kube returns undefined instead of an error. */
function foundCode(answer: unknown): string {
  return answer === undefined ? "404" : "200";
}
