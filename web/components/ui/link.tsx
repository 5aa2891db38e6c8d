"use client";

import NextLink from "next/link";
import { useState, type ComponentProps } from "react";

/**
 * A way to another page, whose code is fetched once somebody is about to go there and not for every link in sight:
 * a first page would otherwise bring all the others along.
 */
export default function Link({ onPointerEnter, onFocus, ...rest }: ComponentProps<typeof NextLink>) {
  const [near, setNear] = useState(false);
  return (
    <NextLink
      {...rest}
      prefetch={near ? null : false}
      onPointerEnter={(event) => {
        setNear(true);
        onPointerEnter?.(event);
      }}
      onFocus={(event) => {
        setNear(true);
        onFocus?.(event);
      }}
    />
  );
}
