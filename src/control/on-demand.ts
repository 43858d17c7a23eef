import type { ControlPlane } from './plane.js'

/** The control API from the first call on: a start that only answers vendors' clients does not wait for it to be loaded. */
export function controlPlaneOnDemand(load: () => Promise<ControlPlane>): ControlPlane {
  let loaded: Promise<ControlPlane> | undefined
  const plane = () => (loaded ??= load())
  return {
    answer: async (...asked) => (await plane()).answer(...asked),
    serve: async (...asked) => (await plane()).serve(...asked),
  }
}
