/**
 * ONNX Runtime's library for Node.js reports to its makers how it is used: it keeps a number for the machine in the user's
 * folder for caches and can send events to a server. Whoever imports this module first switches that off, unless the user has
 * said otherwise. It has to run on the main thread: others have a copy of the environment, which the library does not see.
 */
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
