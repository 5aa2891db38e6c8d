"use client";

import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { CopyButton } from "@/components/ui/copy-button";
import { Payload } from "@/components/ui/payload";
import { bytes, duration } from "@/lib/format";
import type { StepTest } from "./use-step-tests";
import { curlOf } from "./words";

type Call = NonNullable<StepTest["calls"]>[number];
type Message = { headers: readonly { name: string; value: string }[]; body: string | null; bodySize: number; isBodyTruncated: boolean };

/** One request, or one conversation of another kind, and what came back. */
export function CallBox({ call, isPreview, withBody }: { call: Call; isPreview: boolean; withBody: boolean }) {
  const { response } = call;
  if (call.method === "CONNECT") {
    return (
      <>
        <p className="text-12 text-ink-3">{isPreview ? "Would connect to" : "Connected to"} <span className="mono break-all">{call.url}</span></p>
        {call.error ? <p className="text-bad-ink">{call.error}</p> : null}
      </>
    );
  }
  return (
    <>
      <Framed title={isPreview ? "Would send" : "Request"} mark={call.method} aside={<CopyButton text={curlOf(call)}>Copy as curl</CopyButton>}>
        <p className="mono px-3 pt-2 break-all">{call.url}</p>
        <Contents message={call} open withBody />
      </Framed>
      {response ? (
        <Framed title="Response" mark={`${response.status} ${response.reason}`.trim()} bad={response.status >= 400} aside={<span className="pr-1.5 text-12 text-ink-3">{call.durationMs === null ? "" : `${duration(call.durationMs)} · `}{bytes(response.bodySize)}</span>}>
          <Contents message={response} open={false} withBody={withBody} />
        </Framed>
      ) : null}
      {call.error ? <p className="text-bad-ink">{call.error}</p> : null}
    </>
  );
}

type FramedProps = { title: string; mark?: string; bad?: boolean; aside?: ReactNode; children: ReactNode };

export function Framed({ title, mark, bad, aside, children }: FramedProps) {
  return (
    <section aria-label={title} className="overflow-hidden rounded-2 border border-line">
      <header className="flex min-h-9 items-center justify-between gap-2 border-b border-line bg-well pr-1.5 pl-3">
        <h3 className="flex min-w-0 items-center gap-2 font-strong">
          {title} {mark ? <span className={`mono truncate font-text ${bad ? "text-bad-ink" : "text-ink-2"}`}>{mark}</span> : null}
        </h3>
        {aside}
      </header>
      {children}
    </section>
  );
}

function Contents({ message, open, withBody }: { message: Message; open: boolean; withBody: boolean }) {
  return (
    <>
      <details open={open} className="group/headers px-3 py-2">
        <summary className="-ml-0.5 flex w-fit list-none items-center gap-1 rounded-2 pr-1 text-12 text-ink-3 hover:text-ink [&::-webkit-details-marker]:hidden">
          <ChevronRight aria-hidden size={12} className="group-open/headers:rotate-90" />
          {message.headers.length === 1 ? "1 header" : `${message.headers.length} headers`}
        </summary>
        <dl className="mono grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 pt-1">
          {message.headers.map(({ name, value }, index) => (
            <div key={index} className="contents">
              <dt className="text-ink-3">{name}</dt>
              <dd className="break-all">{value === "***" ? "••••••••" : value}</dd>
            </div>
          ))}
        </dl>
      </details>
      {withBody && message.bodySize > 0 ? (
        <div className="border-t border-line">
          {message.body === null ? <p className="px-3 py-2 text-12 text-ink-3">{bytes(message.bodySize)} that are no text</p> : <Payload text={message.body} />}
          {message.isBodyTruncated ? <p className="px-3 py-2 text-12 text-ink-3">Only its beginning, of {bytes(message.bodySize)}.</p> : null}
        </div>
      ) : null}
    </>
  );
}
