"""Which of GraphQL's two media types an Accept header asks for."""

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
MAX_RANGES = 50


def choose(accept: str) -> str | None:
    """The media type to answer in; None when the header allows neither.

    A type that is named wins over a wildcard, the newer type over the older at equal weight; who names none, or
    anything, gets application/json.
    """
    if not accept.strip():
        return JSON
    best: tuple[float, int, int] = (0.0, 0, 0)
    chosen = None
    for part in accept.split(",")[:MAX_RANGES]:
        media, *parameters = [piece.strip().lower() for piece in part.split(";")]
        weight = _weight(parameters)
        if media == RESPONSE:
            candidate, rank = RESPONSE, (weight, 1, 1)
        elif media == JSON:
            candidate, rank = JSON, (weight, 1, 0)
        elif media in ("*/*", "application/*"):
            candidate, rank = JSON, (weight, 0, 0)
        else:
            continue
        if weight > 0 and rank > best:
            chosen, best = candidate, rank
    return chosen


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
