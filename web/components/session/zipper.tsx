const TOOTH = { width: 62, height: 13, radius: 4 };
const PITCH = 34; // from a tooth to the next one on its side
const CENTRE = 330;
const MEET = 392; // where the slider begins, and the closed teeth end
const OPEN_FROM = 492;
const OPENING = 18; // how far the sides part with each tooth
const OPEN_TEETH = 14;

/** A zip, closed down to its slider and open below it: what the product is called after. Decoration. */
export default function Zipper() {
  const closed = Array.from({ length: Math.floor(MEET / (PITCH / 2)) }, (_, index) => ({
    x: CENTRE - TOOTH.width + (index % 2 ? 45 : 17),
    y: -14 + (index * PITCH) / 2,
  }));
  const open = Array.from({ length: OPEN_TEETH }, (_, index) => index);
  return (
    <svg aria-hidden viewBox="0 0 660 900" preserveAspectRatio="xMidYMid slice" className="absolute inset-y-0 left-[18%] size-full">
      <g className="fill-(--seam-closed)">
        {closed.map(({ x, y }) => (
          <rect key={y} x={x} y={y} width={TOOTH.width} height={TOOTH.height} rx={TOOTH.radius} />
        ))}
      </g>
      <g className="fill-none stroke-(--seam-open)">
        {open.map((index) => (
          <g key={index}>
            <Tooth x={CENTRE - 74 - index * OPENING} y={OPEN_FROM + index * PITCH} turn={12} />
            <Tooth x={CENTRE + 12 + index * OPENING} y={OPEN_FROM + 17 + index * PITCH} turn={-12} />
          </g>
        ))}
      </g>
      <path d="M270 392a14 14 0 0 1 14-14h92a14 14 0 0 1 14 14v34c0 34-16 54-30 62h-60c-14-8-30-28-30-62z" className="fill-accent" />
      <rect x="310" y="410" width="40" height="116" rx="14" className="fill-accent stroke-bg" strokeWidth="5" />
      <rect x="324" y="482" width="12" height="30" rx="6" className="fill-bg" />
    </svg>
  );
}

function Tooth({ x, y, turn }: { x: number; y: number; turn: number }) {
  return <rect x={x} y={y} width={TOOTH.width} height={TOOTH.height} rx={TOOTH.radius} transform={`rotate(${turn} ${x + TOOTH.width / 2} ${y})`} />;
}
