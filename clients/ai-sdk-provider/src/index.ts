export { createYozora, yozora, type YozoraProvider, type YozoraSettings } from './provider.js';
export type { YozoraVideoOptions } from './options.js';
export { YozoraVideoModel } from './video-model.js';
