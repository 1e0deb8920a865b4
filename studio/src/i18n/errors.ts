/** What is wrong, in the language of the page: by the code of the error, else as the server says it. */

import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import { ApiError, ServerGone } from "@/api/errors";

/** By the codes of docs/errors.md. What is not here is shown in the server's own words. */
const BY_REASON: Record<string, MessageDescriptor> = {
  invalid_api_key: msg`This key is not known here. Check it, or make a new one with: yozora keys create NAME`,
  link_used: msg`This link was used before, or it has expired. Make a new one with: yozora keys link NAME`,
  rate_limit_exceeded: msg`Too many requests at once. Wait a moment and try again.`,
  queue_full: msg`The queue is full. Wait until a film is done.`,
  moderation_blocked: msg`The rules of this server do not allow this.`,
  cancelled: msg`Cancelled.`,
  consent_revoked: msg`The person shown here has withdrawn their consent.`,
  storage_full: msg`The disk of the server is full. Its operator has to make room.`,
};

/** One line that says what is wrong. */
export function messageOf(error: unknown): string {
  if (error instanceof ServerGone) return i18n._(msg`The server does not answer.`);
  if (error instanceof ApiError) return messageOfReason(error.reason, error.message);
  return error instanceof Error ? error.message : String(error);
}

/** The message of a reason, or else `said`. */
export function messageOfReason(reason: string | null | undefined, said: string): string {
  const known = reason ? BY_REASON[reason] : undefined;
  return known ? i18n._(known) : said;
}
