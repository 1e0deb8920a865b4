"""The joints of birds, of whatever else has wings, and of fish: noun -> figure. Placed by eye; see `joints`."""

from yozora.world.joints import Figure, PuppetPart
from yozora.world.limbs import box, fin, folded, legs, limb, outline, tail, wing

_DOVE = legs(
    more=(
        wing(outline("28 3, 58 3, 60 28, 46 46, 30 46"), (0.40, 0.45), 0.30, (1.0, 0.75), 0.1, behind=True),
        wing(outline("42 40, 58 22, 72 -3, 103 -3, 103 36, 86 56, 66 66, 50 58"), (0.54, 0.52), 0.38, (1.0, 0.8)),
    )
)
_BAT = outline("-3 -3, 35.5 -3, 35.5 28, 43 37, 43 74, 38 86, -3 86")
BIRDS: dict[str, Figure] = {
    "bird": legs(
        more=(folded(outline("34 50, 62 50, 79 52, 80 62, 74 76, 60 79, 44 74, 34 62"), (0.45, 0.53)),),
    ),
    "seagull": _DOVE,
    "dove": _DOVE,
    "eagle": legs(
        more=(
            wing(
                outline("-3 10, 22 -3, 34 5, 42 30, 43 46, 34 40, 20 39, 13 48, -3 40"),
                (0.38, 0.44),
                0.24,
                (1.0, 0.8),
                0.05,
                behind=True,
            ),
            wing(
                outline("44 40, 48 24, 60 16, 103 12, 103 28, 92 38, 76 52, 66 64, 56 68, 48 58"),
                (0.52, 0.52),
                0.34,
                (1.0, 0.85),
            ),
        )
    ),
    "duck": legs(
        limb("leg", outline("40 77, 50 77, 49 90, 40 95, 27 95, 27 84, 40 86"), (0.46, 0.78), 0.32, 0.5, behind=True),
        limb("leg", outline("53 76, 65 76, 66 103, 46 103, 46 91, 55 90"), (0.59, 0.78), 0.32, behind=True),
        more=(folded(outline("40 52, 50 45.5, 75 46, 84 50, 76 66, 60 70, 44 66"), (0.58, 0.49)),),
    ),
    "goose": legs(
        limb("leg", outline("68 80, 83 80, 83 103, 66 103, 66 93, 71 90"), (0.76, 0.82), 0.3, 0.5, behind=True),
        limb("leg", outline("40 82, 54 82, 54 103, 28 103, 28 95, 42 92"), (0.48, 0.83), 0.3, behind=True),
        more=(folded(outline("42 46, 62 48, 88 50, 80 64, 62 72, 44 66"), (0.55, 0.50)),),
    ),
    "chick": legs(
        limb("leg", outline("38 76, 49 76, 49 93, 30 93, 30 85, 40 85"), (0.45, 0.77), 0.34, 0.5, behind=True),
        limb("leg", outline("52 76, 63 76, 63 103, 43 103, 43 92, 53 92"), (0.57, 0.77), 0.34, behind=True),
    ),
    "rooster": legs(
        limb("leg", outline("18 78, 36 78, 36 86, 26 94, 7 94, 7 84"), (0.31, 0.80), 0.3, 0.5, behind=True),
        limb("leg", outline("39 79, 53 79, 58 103, 29 103, 29 94, 42 93"), (0.48, 0.80), 0.3, behind=True),
        tail=tail(outline("64 17, 103 17, 103 56, 82 56, 66 44"), (0.66, 0.42), 0.10),
    ),
    "turkey": legs(
        limb("leg", outline("30 82, 44.5 82, 44.5 93, 40 96.5, 22 96.5, 22 86"), (0.40, 0.83), 0.28, 0.5, behind=True),
        limb("leg", outline("45 82, 56 82, 62 103, 32 103, 32 96, 44 94"), (0.50, 0.83), 0.28, behind=True),
        more=(limb("head", outline("-3 -3, 30 -3, 30 16, 22 32, 10 46, -3 46"), (0.18, 0.34), 0.08),),
    ),
    "penguin": legs(
        more=(limb("arm", outline("60 34, 80 36, 93 55, 103 80, 103 92, 90 90, 74 70"), (0.72, 0.40), 0.16),),
    ),
    "butterfly": legs(
        more=(
            PuppetPart(
                kind="wing",
                shape=outline("-3 20, 48 28, 55 46, 54 66, 46 103, 26 103, -3 60"),
                pivot=(0.545, 0.50),
                squeeze=(0.35, 1.0),
            ),
            PuppetPart(
                kind="wing",
                shape=outline("103 -3, 103 60, 97 94, 68 94, 60 66, 57.5 40, 64 24, 80 -3"),
                pivot=(0.555, 0.50),
                squeeze=(0.35, 1.0),
            ),
        ),
    ),
    "bat": legs(
        more=(
            wing(_BAT, (0.44, 0.46), 0.26, (0.86, 1.0), behind=True),
            wing(tuple((1.0 - x, y) for x, y in _BAT), (0.56, 0.46), -0.26, (0.86, 1.0), behind=True),
        ),
    ),
    "bee": legs(
        more=(
            wing(outline("40 -3, 72 -3, 72 20, 62 52, 52 44"), (0.60, 0.50), 0.3, behind=True),
            wing(
                outline("60 50, 68 26, 80 12, 103 12, 103 32, 76 56"), (0.63, 0.52), 0.3, (1.0, 1.0), 0.5, behind=True
            ),
        ),
    ),
    "parrot": legs(
        tail=tail(outline("70 72, 78 70, 103 82, 103 94, 72 90"), (0.73, 0.80), 0.10),
        more=(folded(outline("34 42, 46 31, 56 33, 76 80, 60 80, 38 64"), (0.46, 0.38), 1.25),),
    ),
}


FISH: dict[str, Figure] = {
    "fish": Figure(parts=(fin(box(0.82, 0.25, 1.03, 0.92), (0.82, 0.61), (0.40, 1.0)),)),
    "tropical fish": Figure(parts=(fin(box(0.82, 0.18, 1.03, 0.75), (0.83, 0.48), (0.40, 1.0)),)),
    "pufferfish": Figure(
        parts=(fin(outline("82 35, 90 22, 103 22, 103 62, 90 58, 82 50"), (0.82, 0.42), (0.45, 1.0)),)
    ),
    "shark": Figure(parts=(fin(outline("10 60, 62 60, 66 70, 62 103, 10 103"), (0.62, 0.66), swing=0.2),)),
    "dolphin": Figure(parts=(fin(outline("28 72, 56 72, 66 82, 66 103, 28 103"), (0.60, 0.80), swing=0.24),)),
    "whale": Figure(parts=(fin(outline("55 -3, 103 -3, 103 36, 78 36, 66 24, 55 24"), (0.90, 0.36), swing=0.16),)),
    "octopus": Figure(
        parts=(
            fin(outline("4 -3, 20 -3, 32 40, 30 48, 16 44"), (0.29, 0.43), swing=0.16),
            fin(outline("-3 30, 12 32, 26 50, 27 64, -3 68"), (0.27, 0.57), swing=0.16, phase=0.25),
            fin(outline("8 66, 26 62, 36 66, 40 74, 30 90, 8 92"), (0.35, 0.68), swing=0.16, phase=0.5),
            fin(outline("38 76, 50 74, 62 80, 62 103, 36 103"), (0.46, 0.76), swing=0.16, phase=0.75),
            fin(outline("58 72, 70 72, 80 74, 100 66, 100 82, 80 92, 64 86"), (0.62, 0.74), swing=0.16, phase=0.0),
        )
    ),
}
