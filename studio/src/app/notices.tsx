/** Tells that a film is done, here and, where the browser was allowed to, outside of the page. */

import { useLingui } from "@lingui/react/macro";
import { Anchor } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useEffect } from "react";
import { useNavigate } from "react-router";

import { address, contentAddress } from "@/api/base";
import { listen } from "@/api/events";
import { messageOfReason } from "@/i18n/errors";

export function useFinishedNotices(): void {
  const { t } = useLingui();
  const navigate = useNavigate();
  useEffect(
    () =>
      listen((kind, video) => {
        if ((kind !== "completed" && kind !== "failed") || video.mode === "import") return;
        const name = video.title ?? video.prompt ?? video.id;
        const title = kind === "completed" ? t`The film is done` : t`The film has failed`;
        const error = video.error;
        const message = kind === "completed" ? name : `${name}: ${error ? messageOfReason(error.code, error.message) : ""}`;
        const open = (): void => void navigate(`/films/${video.id}`);
        if (error?.code !== "cancelled") {
          notifications.show({
            title,
            message: (
              <Anchor component="button" size="sm" ta="start" lineClamp={3} onClick={open} dir="auto">
                {message}
              </Anchor>
            ),
            color: kind === "completed" ? "teal" : "red",
            closeButtonProps: { "aria-label": t`Close` },
          });
        }
        if (document.hidden && "Notification" in window && Notification.permission === "granted") {
          const icon = kind === "completed" ? contentAddress(video.id, "thumbnail") : address("/icon.svg");
          new Notification(title, { body: message, icon, tag: video.id }).onclick = () => {
            window.focus();
            open();
          };
        }
      }),
    [t, navigate],
  );
}

/** Asks the browser whether films that are done may be told of outside of the page. Call it on a click. */
export async function askForNotices(): Promise<void> {
  if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
}
