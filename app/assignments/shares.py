"""Who of several receivers gets which firms, as a first proposal. Pure."""

from collections.abc import Mapping, Sequence


def propose(townships: Mapping[int, int | None], receivers: Sequence[int]) -> dict[int, int]:
    """Firm → receiver, from firm → township: numbers that differ by one at most, townships kept together.

    Firms are laid in the order of their townships and cut into as many runs as there are receivers, so a township goes
    to one of them unless a cut falls into it. ValueError without a receiver.
    """
    if not receivers:
        raise ValueError("nobody to receive")
    firms = sorted(townships, key=lambda firm_id: (townships[firm_id] is None, townships[firm_id] or 0, firm_id))
    return {firm_id: receivers[nth * len(receivers) // len(firms)] for nth, firm_id in enumerate(firms)}
