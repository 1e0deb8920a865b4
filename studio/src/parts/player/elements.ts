/** The elements of media-chrome that a player has, and their words in the language of the page. */

import "media-chrome/media-control-bar";
import "media-chrome/media-controller";
import "media-chrome/media-fullscreen-button";
import "media-chrome/media-mute-button";
import "media-chrome/media-play-button";
import "media-chrome/media-time-range";

import { i18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { addTranslation, setLanguage } from "media-chrome/utils/i18n";
import type { DetailedHTMLProps, HTMLAttributes } from "react";

type Chrome = DetailedHTMLProps<HTMLAttributes<HTMLElement>, HTMLElement> & {
  mediacontroller?: string;
  nohotkeys?: boolean;
  noautohide?: boolean;
  notooltip?: boolean;
  fullscreenelement?: string;
};

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "media-controller": Chrome;
      "media-control-bar": Chrome;
      "media-play-button": Chrome;
      "media-time-range": Chrome;
      "media-mute-button": Chrome;
      "media-fullscreen-button": Chrome;
    }
  }
}

/** Says the words of the controls in the language of the page. Elements that are there already keep theirs. */
export function translateControls(): void {
  addTranslation(i18n.locale, {
    "video player": i18n._(msg`Film`),
    play: i18n._(msg`Play`),
    pause: i18n._(msg`Pause`),
    mute: i18n._(msg`Mute`),
    unmute: i18n._(msg`Unmute`),
    seek: i18n._(msg`Position in the film`),
    "enter fullscreen mode": i18n._(msg`Fill the screen`),
    "exit fullscreen mode": i18n._(msg`Leave the full screen`),
    "{currentTime} of {totalTime}": i18n._(msg`{currentTime} of {totalTime}`),
    "video not loaded, unknown time.": i18n._(msg`The film is not loaded.`),
    second: i18n._(msg`second`),
    seconds: i18n._(msg`seconds`),
    minute: i18n._(msg`minute`),
    minutes: i18n._(msg`minutes`),
  });
  setLanguage(i18n.locale);
}
