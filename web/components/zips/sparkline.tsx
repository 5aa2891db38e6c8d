import { count } from "@/lib/format";
import type { ZipListItem } from "./use-zips";

const HOURS = 24;
const HOUR = 3_600_000; // milliseconds
const BAR = 4;
const HEIGHT = 18;

type Hour = ZipListItem["stats"]["hours"][number];

/** Runs per hour over the last day: grey, and red where some failed. The server leaves out hours without a run. */
export function Sparkline({ hours, now }: { hours: Hour[]; now: Date }) {
  const current = Math.floor(now.getTime() / HOUR);
  const slots = Array.from({ length: HOURS }, (): Hour | null => null);
  for (const hour of hours) {
    const age = current - Math.floor(new Date(hour.start).getTime() / HOUR);
    if (age >= 0 && age < HOURS) slots[HOURS - 1 - age] = hour;
  }
  const total = (hour: Hour | null) => (hour ? hour.succeeded + hour.failed + hour.cancelled + hour.active : 0);
  const most = Math.max(1, ...slots.map(total));
  const failed = hours.reduce((sum, hour) => sum + hour.failed, 0);
  const all = hours.reduce((sum, hour) => sum + total(hour), 0);
  return (
    <svg role="img" aria-label={`${count(all, "run")}, ${failed} failed`} width={HOURS * (BAR + 1)} height={HEIGHT}>
      {slots.map((hour, index) => {
        const height = total(hour) ? Math.max(2, Math.round((total(hour) / most) * HEIGHT)) : 1;
        const fill = hour?.failed ? "fill-(--bad-solid)" : total(hour) ? "fill-(--idle-solid)" : "fill-(--line-strong)";
        return <rect key={index} x={index * (BAR + 1)} y={HEIGHT - height} width={BAR} height={height} className={fill} />;
      })}
    </svg>
  );
}
