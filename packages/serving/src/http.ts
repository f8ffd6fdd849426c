/** What the servers of the project have in common: process, settings, models, HTTP with its limits, and errors. For Node alone. */
export { createApp, listen, noPort, operations } from './http/app.ts';
export { type FolderModel, loadModels } from './http/models.ts';
export { answerProblems, problemOf, retryAfter } from './http/problem.ts';
export { type RunningServer, runServer } from './http/program.ts';
export { addressSetting, type CommonSettings, commonSettings, type Env, integerSetting, portSetting, urlSetting } from './http/settings.ts';
export { type EventStream, openStream } from './http/stream.ts';
export { createTurns } from './http/turns.ts';
