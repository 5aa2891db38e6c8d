"use client";

import { ChevronDown, ChevronRight, Copy } from "lucide-react";
import { useMemo, useState, type ReactNode } from "react";
import { useToast } from "./toast";
import { useCopy } from "./use-copy";

const FOLD_OVER = 20; // entries: larger objects and lists start folded
const MANY = 400; // lines: of a value that takes more, all but the small parts start folded
const FEW = 40; // lines of a small part
const AT_ONCE = 200; // entries of one object or list that are drawn before more are asked for
const SHOWN_TEXT = 2_000; // characters of one text before it is cut

type JsonViewProps = { value: unknown; /** What stands before a copied path, for example steps.call */ root?: string };

/** JSON that folds and whose paths and values can be copied. */
export function JsonView({ value, root = "" }: JsonViewProps) {
  const most = useMemo(() => (linesOf(value, MANY) < MANY ? MANY : FEW), [value]);
  return (
    <div className="mono overflow-x-auto py-1 leading-5">
      <Node value={value} path={root} depth={0} most={most} last />
    </div>
  );
}

type NodeProps = { value: unknown; name?: string; path: string; depth: number; /** Lines with which a part starts folded. */ most: number; last: boolean };

function Node({ value, name, path, depth, most, last }: NodeProps) {
  const branch = value !== null && typeof value === "object";
  const entries = branch ? Object.entries(value) : [];
  const [open, setOpen] = useState(() => entries.length <= FOLD_OVER && depth < 6 && (depth === 0 || linesOf(value, most) < most));
  const [shown, setShown] = useState(AT_ONCE);
  const [left, right] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const comma = last ? "" : ",";
  if (!branch || entries.length === 0) {
    return (
      <Line depth={depth} path={path} value={value}>
        {name === undefined ? null : <Name of={name} />}
        {branch ? <span>{left + right}</span> : <Scalar value={value} />}
        {comma}
      </Line>
    );
  }
  return (
    <>
      <Line depth={depth} path={path} value={value} open={open} onToggle={() => setOpen(!open)}>
        {name === undefined ? null : <Name of={name} />}
        {open ? left : `${left} ${entries.length} ${entries.length === 1 ? "item" : "items"} ${right}${comma}`}
      </Line>
      {open ? (
        <>
          {entries.slice(0, shown).map(([key, child], index) => (
            <Node
              key={key}
              value={child}
              name={Array.isArray(value) ? undefined : key}
              path={childPath(path, key, Array.isArray(value))}
              depth={depth + 1}
              most={most}
              last={index === entries.length - 1}
            />
          ))}
          {entries.length > shown ? (
            <button type="button" onClick={() => setShown(shown + AT_ONCE)} className="block rounded-2 text-accent hover:underline" style={{ marginLeft: 38 + depth * 14 }}>
              {`Show ${Math.min(AT_ONCE, entries.length - shown).toLocaleString()} more of ${(entries.length - shown).toLocaleString()}`}
            </button>
          ) : null}
          <div style={{ paddingLeft: 24 + depth * 14 }}>{right + comma}</div>
        </>
      ) : null}
    </>
  );
}

type LineProps = { depth: number; path: string; value: unknown; open?: boolean; onToggle?: () => void; children: ReactNode };

function Line({ depth, path, value, open, onToggle, children }: LineProps) {
  const say = useToast();
  const toClipboard = useCopy();
  const copy = async (text: string, what: string) => {
    if (await toClipboard(text)) say(`${what} copied`);
  };
  const Chevron = open ? ChevronDown : ChevronRight;
  return (
    <div className="group relative flex items-start hover:bg-accent-surface focus-within:bg-accent-surface" style={{ paddingLeft: 4 + depth * 14 }}>
      {onToggle ? (
        <button type="button" aria-expanded={open} aria-label={path ? `Fold ${path}` : "Fold"} onClick={onToggle} className="flex h-5 w-5 shrink-0 items-center justify-center text-ink-3">
          <Chevron size={12} />
        </button>
      ) : (
        <span className="w-5 shrink-0" />
      )}
      <span className="min-w-0 flex-1 break-all whitespace-pre-wrap">{children}</span>
      <span className="absolute top-0 right-0 flex gap-2 bg-accent-surface px-2 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100">
        {path ? (
          <button type="button" className="inline-flex items-center gap-1 text-accent" onClick={() => copy(`{{ ${path} }}`, "Path")}>
            <Copy aria-hidden size={12} /> Path
          </button>
        ) : null}
        <button
          type="button"
          className="inline-flex items-center gap-1 text-accent"
          onClick={() => copy(typeof value === "string" ? value : JSON.stringify(value, null, 2), "Value")}
        >
          <Copy aria-hidden size={12} /> Value
        </button>
      </span>
    </div>
  );
}

/** How many lines a value takes unfolded, counted no further than `most`. */
function linesOf(value: unknown, most: number): number {
  if (value === null || typeof value !== "object") return 1;
  let lines = 2;
  for (const child of Object.values(value)) {
    if (lines >= most) break;
    lines += linesOf(child, most - lines);
  }
  return lines;
}

function Name({ of }: { of: string }) {
  return <span className="text-ink">{JSON.stringify(of)}: </span>;
}

function Scalar({ value }: { value: unknown }) {
  if (typeof value === "string") {
    if (value === "***") return <span className="text-ink-3">••••••••</span>;
    const cut = value.length > SHOWN_TEXT ? `${value.slice(0, SHOWN_TEXT)}…` : value;
    return <span className="text-ok-ink">{JSON.stringify(cut)}</span>;
  }
  if (typeof value === "number") return <span className="text-accent">{String(value)}</span>;
  return <span className="text-ink-2">{value === undefined ? "" : String(value)}</span>;
}

/** A path as an expression writes it. */
function childPath(parent: string, key: string, list: boolean): string {
  if (list) return `${parent}[${key}]`;
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) return parent ? `${parent}.${key}` : key;
  return `${parent}[${JSON.stringify(key)}]`;
}
