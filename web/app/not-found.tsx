import Link from "@/components/ui/link";
import { Logo } from "@/components/shell/logo";

/** An address that leads nowhere. */
export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center bg-surface p-6">
      <div className="grid w-full max-w-[360px] justify-items-start gap-4">
        <Logo className="-ml-[3px]" />
        <h1 className="text-28 font-title">Nothing is here</h1>
        <p className="text-14 text-ink-2">This address leads nowhere. It may have been mistyped, or what was here is gone.</p>
        <Link href="/zips" className="font-strong text-accent hover:text-accent-hover">All zips</Link>
      </div>
    </main>
  );
}
