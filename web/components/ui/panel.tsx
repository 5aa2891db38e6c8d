import { clsx } from "clsx";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./button";
import { PanelEdge } from "./panel-edge";

type PanelProps = { title: ReactNode; subtitle?: ReactNode; tile?: ReactNode; label: string; onClose: () => void; children: ReactNode; footer?: ReactNode };

/** What stands beside a list or a drawing; on a small screen it lies over it. */
export function Panel({ title, subtitle, tile, label, onClose, children, footer }: PanelProps) {
  return (
    <aside
      aria-label={label}
      data-panel
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.stopPropagation();
        onClose();
      }}
      className="relative z-20 flex min-h-0 w-(--panel) shrink-0 flex-col border-l border-line bg-surface max-xl:absolute max-xl:inset-y-0 max-xl:right-0 max-xl:shadow-3 max-sm:bottom-14 max-sm:w-full max-sm:border-l-0"
    >
      <PanelEdge />
      <header className="flex items-start gap-2.5 px-5 pt-3.5 pb-2.5">
        {tile}
        <div className="min-w-0 flex-1">
          <h2 className="flex min-w-0 items-center gap-2 text-16 font-title">{title}</h2>
          {subtitle ? <div className="text-12 text-ink-3">{subtitle}</div> : null}
        </div>
        <Button look="ghost" icon aria-label="Close" className={clsx("-mr-2 max-sm:-mr-3", subtitle ? "max-sm:-mt-1" : "-mt-1 max-sm:-mt-2")} onClick={onClose}><X aria-hidden size={16} strokeWidth={1.75} /></Button>
      </header>
      <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">{children}</div>
      {footer ? <footer className="flex items-center gap-2 border-t border-line bg-well px-5 py-3">{footer}</footer> : null}
    </aside>
  );
}

/** Facts by name. */
export function Facts({ rows }: { rows: [name: string, value: ReactNode][] }) {
  return (
    <dl className="grid grid-cols-[112px_minmax(0,1fr)] gap-x-3 gap-y-1.5">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-3">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A framed part of a panel with a head of its own. */
export function Box({ title, aside, children }: { title: ReactNode; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className="overflow-hidden rounded-2 border border-line">
      <header className="flex min-h-9 items-center justify-between gap-2 border-b border-line bg-well px-3 [&>button]:-mr-1.5">
        <h3 className="flex min-w-0 items-center gap-2 font-strong">{title}</h3>
        {aside}
      </header>
      {children}
    </section>
  );
}
