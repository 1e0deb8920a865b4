/** What is wrong, in the language of the page: by the code of the error, else as the server says it. */

import { i18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import { ApiError, ServerGone } from "@/api/errors";

import { MESSAGES, TRANSLATIONS } from "./reasons";

/** One line that says what is wrong. */
export function messageOf(error: unknown): string {
  if (error instanceof ServerGone) return i18n._(msg`The server does not answer.`);
  if (error instanceof ApiError) return messageOfReason(error.reason, error.message);
  return error instanceof Error ? error.message : String(error);
}

/** The message of a reason, or else `said`, which is the server's own in English. A line of a file stays named. */
export function messageOfReason(reason: string | null | undefined, said: string): string {
  const key = reason ?? "";
  const known = MESSAGES[key] ?? (i18n.locale === "en" ? undefined : TRANSLATIONS[key]);
  if (!known) return said;
  const line = /\bline (\d+)/.exec(said)?.[1];
  return line ? i18n._(msg`Line ${line}: ${i18n._(known)}`) : i18n._(known);
}
