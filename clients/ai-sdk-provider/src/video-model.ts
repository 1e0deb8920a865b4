import {
  InvalidArgumentError,
  type Experimental_VideoModelV4 as VideoModelV4,
  type Experimental_VideoModelV4CallOptions as CallOptions,
  type Experimental_VideoModelV4OperationStartResult as StartResult,
  type Experimental_VideoModelV4OperationStatusResult as StatusResult,
  type JSONValue,
  type SharedV4ProviderMetadata as Metadata,
  type SharedV4Warning as Warning,
} from '@ai-sdk/provider';
import {
  combineHeaders,
  createBinaryResponseHandler,
  createJsonErrorResponseHandler,
  createJsonResponseHandler,
  getFromApi,
  postFormDataToApi,
  postJsonToApi,
  type FetchFunction,
} from '@ai-sdk/provider-utils';
import { z } from 'zod';
import { callOf, type Call } from './request.js';

const videoSchema = z.object({
  id: z.string(),
  model: z.string(),
  status: z.enum(['queued', 'in_progress', 'completed', 'failed']),
  progress: z.number(),
  size: z.string(),
  seconds: z.string(),
  error: z.object({ code: z.string(), message: z.string() }).nullish(),
});
const errorSchema = z.object({ error: z.object({ message: z.string(), code: z.string().nullish() }) });
const operationSchema = z.object({ id: z.string() });
const REPEATED = [408, 409, 429];

const failedResponseHandler = createJsonErrorResponseHandler({
  errorSchema,
  errorToMessage: said => said.error.message,
  isRetryable: response =>
    response.headers.get('x-should-retry') !== 'false' &&
    (REPEATED.includes(response.status) || response.status >= 500),
});

type Video = z.infer<typeof videoSchema>;
type Headers = Record<string, string | undefined>;

export interface YozoraVideoConfig {
  baseURL: string;
  headers: () => Headers;
  fetch: FetchFunction | undefined;
}

/**
 * A model of a Yozora server. A film is started once, whatever happens to the call (the AI SDK names each start by an
 * idempotency key), and asked for until it is over.
 */
export class YozoraVideoModel implements VideoModelV4 {
  readonly specificationVersion = 'v4';
  readonly provider = 'yozora.video';
  readonly maxVideosPerCall = 1;

  constructor(
    readonly modelId: string,
    private readonly config: YozoraVideoConfig,
  ) {}

  async doStart(options: CallOptions): Promise<StartResult> {
    const call = await callOf(this.modelId, options, this.config.fetch);
    const { value, responseHeaders } = await this.post(call, options);
    return {
      operation: { id: value.id },
      warnings: [...call.warnings, ...notes(responseHeaders)],
      providerMetadata: metadataOf(value),
      response: { timestamp: new Date(), modelId: this.modelId, headers: responseHeaders },
    };
  }

  async doStatus(options: {
    operation: JSONValue;
    abortSignal?: AbortSignal;
    headers?: Headers;
  }): Promise<StatusResult> {
    const path = `/videos/${encodeURIComponent(idOf(options.operation))}`;
    const { value, responseHeaders } = await getFromApi({
      ...this.asking(path, options),
      successfulResponseHandler: createJsonResponseHandler(videoSchema),
    });
    const response = { timestamp: new Date(), modelId: this.modelId, headers: responseHeaders };
    const providerMetadata = metadataOf(value);
    if (value.status === 'failed') {
      const error = value.error?.message ?? 'The film has failed.';
      return { status: 'error', error, providerMetadata, response };
    }
    if (value.status !== 'completed') return { status: 'pending', providerMetadata, response };
    const { value: data } = await getFromApi({
      ...this.asking(`${path}/content`, options),
      successfulResponseHandler: createBinaryResponseHandler(),
    });
    const videos = [{ type: 'binary' as const, data, mediaType: 'video/mp4' }];
    return { status: 'completed', videos, warnings: [], providerMetadata, response };
  }

  private post({ path, fields, files }: Call, options: CallOptions) {
    const common = {
      ...this.asking(path, options),
      successfulResponseHandler: createJsonResponseHandler(videoSchema),
    };
    return Object.keys(files).length === 0
      ? postJsonToApi({ ...common, body: fields })
      : postFormDataToApi({ ...common, formData: formOf(fields, files) });
  }

  private asking(path: string, options: { abortSignal?: AbortSignal; headers?: Headers }) {
    return {
      url: `${this.config.baseURL}${path}`,
      headers: combineHeaders(this.config.headers(), options.headers),
      failedResponseHandler,
      validateUrl: false,
      ...(options.abortSignal && { abortSignal: options.abortSignal }),
      ...(this.config.fetch && { fetch: this.config.fetch }),
    };
  }
}

/** A multipart body: what is no text is sent as JSON. */
function formOf(fields: Record<string, unknown>, files: Record<string, Blob>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    form.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  for (const [name, file] of Object.entries(files)) form.append(name, file, 'source');
  return form;
}

function idOf(operation: JSONValue): string {
  const found = operationSchema.safeParse(operation);
  if (found.success) return found.data.id;
  throw new InvalidArgumentError({ argument: 'operation', message: 'This is no operation that doStart has returned.' });
}

function metadataOf({ id, model, seconds, size, progress }: Video): Metadata {
  return { yozora: { videos: [{ id, model, seconds, size, progress }] } };
}

/** What of the prompt the model will not understand, and fields that the server does not know. */
function notes(headers: Record<string, string> | undefined): Warning[] {
  const said = (headers?.['yozora-notes'] ?? '').split('; ').filter(Boolean).map(decodeURIComponent);
  const ignored = headers?.['yozora-ignored'];
  const unknown = ignored ? [`The server does not know, and passed over: ${decodeURIComponent(ignored)}.`] : [];
  return [...said, ...unknown].map(message => ({ type: 'other', message }));
}
