"use client";

import { useEffect, useState, type ComponentType } from "react";
import { useToast } from "./toast";

/**
 * A component fetched when it is first shown, so that the first page need not bring it. When the server can't be
 * reached just then, that is said and the page stays as it is.
 */
export function onDemand<Props extends { onClose?: () => void }>(load: () => Promise<ComponentType<Props>>) {
  return function OnDemand(props: Props) {
    const say = useToast();
    const { onClose } = props;
    const [Loaded, setLoaded] = useState<ComponentType<Props> | null>(null);
    useEffect(() => {
      let gone = false;
      load().then(
        (component) => {
          if (!gone) setLoaded(() => component);
        },
        () => {
          if (gone) return;
          say("The server does not answer, so this could not be opened. Nothing was lost; try again.", { bad: true });
          onClose?.();
        },
      );
      return () => {
        gone = true;
      };
      // Only once: what is given later must not fetch it again.
      // eslint-disable-next-line react-hooks/exhaustive-deps
    }, []);
    return Loaded ? <Loaded {...props} /> : null;
  };
}
