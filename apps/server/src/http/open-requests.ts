/** The requests that are being answered, so that streams end when the server stops. */
export interface OpenRequests {
  /** A controller that is aborted when the server stops; at once when it has stopped. */
  open(): AbortController;
  close(controller: AbortController): void;
}

/** One listener for all requests: a signal made of several per request is what the garbage collector would pay for. */
export function createOpenRequests(stopping: AbortSignal): OpenRequests {
  const controllers = new Set<AbortController>();
  stopping.addEventListener(
    'abort',
    () => {
      for (const controller of controllers) controller.abort(stopping.reason);
      controllers.clear();
    },
    { once: true },
  );
  return {
    open() {
      const controller = new AbortController();
      if (stopping.aborted) controller.abort(stopping.reason);
      else controllers.add(controller);
      return controller;
    },
    close: (controller) => void controllers.delete(controller),
  };
}
