import type { ReactNode } from "react";

/** Nothing is here: one sentence and the way on. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="mx-auto grid max-w-[440px] justify-items-start gap-3 px-6 py-16 max-sm:px-4">
      <h2 className="text-16 font-title">{title}</h2>
      {children ? <div className="text-14 text-ink-2">{children}</div> : null}
      {action}
    </div>
  );
}

/** Something went wrong here: what happened, what it means, what to do. */
export function Trouble({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div role="alert" className="m-6 grid max-w-[640px] max-sm:m-4 justify-items-start gap-2 rounded-3 border border-bad-line bg-bad-surface p-4 text-bad-ink">
      <h2 className="font-strong">{title}</h2>
      {children ? <div className="text-13">{children}</div> : null}
      {action}
    </div>
  );
}

/** Rows in their real places while they load. */
export function SkeletonRows({ rows = 8 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="animate-[appear_1ms_150ms_both]">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="flex h-(--row) items-center gap-6 border-b border-line px-6">
          <span className="h-2.5 w-2/5 rounded-1 bg-hover" />
          <span className="h-2.5 w-1/6 rounded-1 bg-hover" />
          <span className="h-2.5 w-1/12 rounded-1 bg-hover" />
        </div>
      ))}
    </div>
  );
}
