import { NoSuchModelError, type Experimental_VideoModelV4 as VideoModelV4, type ProviderV4 } from '@ai-sdk/provider';
import { loadApiKey, loadOptionalSetting, withoutTrailingSlash, type FetchFunction } from '@ai-sdk/provider-utils';
import { YozoraVideoModel } from './video-model.js';

const HERE = 'http://127.0.0.1:8000/v1';

export interface YozoraSettings {
  /** The Videos API of a server, with /v1. Default: YOZORA_URL of the environment, or a server on this machine. */
  baseURL?: string;
  /** A key that `yozora keys create NAME` printed. Default: YOZORA_API_KEY of the environment. */
  apiKey?: string;
  /** More headers of every call. */
  headers?: Record<string, string>;
  /** What calls go through, for tests and proxies. */
  fetch?: FetchFunction;
}

export interface YozoraProvider extends ProviderV4 {
  /** A model of the server by its name there, such as mini. */
  video(modelId: string): VideoModelV4;
  /** The same, by the name that registries look for. */
  videoModel(modelId: string): VideoModelV4;
}

/** Films of one server. */
export function createYozora(settings: YozoraSettings = {}): YozoraProvider {
  const url = loadOptionalSetting({ settingValue: settings.baseURL, environmentVariableName: 'YOZORA_URL' });
  const baseURL = withoutTrailingSlash(url ?? HERE)!;
  const headers = () => ({
    Authorization: `Bearer ${loadApiKey({
      apiKey: settings.apiKey,
      environmentVariableName: 'YOZORA_API_KEY',
      description: 'Yozora',
    })}`,
    ...settings.headers,
  });
  const video = (modelId: string) => new YozoraVideoModel(modelId, { baseURL, headers, fetch: settings.fetch });
  const none = (modelType: 'languageModel' | 'embeddingModel' | 'imageModel') => (modelId: string) => {
    throw new NoSuchModelError({ modelId, modelType });
  };
  return {
    specificationVersion: 'v4',
    video,
    videoModel: video,
    languageModel: none('languageModel'),
    embeddingModel: none('embeddingModel'),
    imageModel: none('imageModel'),
  };
}

/** Films of the server that the environment names. */
export const yozora = createYozora();
