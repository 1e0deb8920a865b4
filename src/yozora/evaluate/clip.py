"""What happens in a film and what the air is full of: from its frames and from the way of one actor through them.

Knows neither how actors are found nor what they are called.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yozora.evaluate.eye import Residual, convolution
from yozora.evaluate.pace import PACES, paces, steady

FRAMES = 8  # spread evenly over the film, first and last included
RATE = 16.0  # frames a second that films are taken to have
ACTION, CAMERA = "action", "camera"
MOTION = ("direction", ACTION, CAMERA)
AIR = ("weather",)


def head(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.LayerNorm(inputs), nn.Linear(inputs, hidden), nn.GELU(), nn.Linear(hidden, outputs))


class Acting(nn.Module):
    """What an actor does: from how it goes, from its postures and from what it is.

    Walking and running are told apart by the pace, which nothing of the pictures themselves may outvote.
    """

    def __init__(self, slots: Mapping[str, Sequence[str]], gait: int, nouns: int) -> None:
        super().__init__()
        self.cameras, self.actions = tuple(slots[CAMERA]), tuple(slots[ACTION])
        self.kind = nn.Linear(nouns, 24)
        told = PACES + len(self.cameras) + 3 * gait + 24
        self.head = nn.Sequential(
            nn.BatchNorm1d(told, affine=False),
            nn.Dropout(0.15),
            nn.Linear(told, 192),
            nn.GELU(),
            nn.Dropout(0.2),
            nn.Linear(192, len(slots[ACTION])),
        )

    def forward(
        self, way_BT5: Tensor, gait_BTE: Tensor, noun_BV: Tensor, camera_BV: Tensor, aspect_B: Tensor
    ) -> Tensor:
        """Logits `[B, V]`; see `ClipParser.forward` and `steady`."""
        postures = (gait_BTE.mean(1), gait_BTE.std(1), gait_BTE.amax(1))
        went = paces(steady(way_BT5, camera_BV, self.cameras, aspect_B), aspect_B)
        logits: Tensor = self.head(torch.cat([went, camera_BV, *postures, self.kind(noun_BV)], 1).float())
        return logits


class ClipParser(nn.Module):
    """Films to logits of the slots `MOTION` and `AIR`."""

    def __init__(self, slots: Mapping[str, Sequence[str]], width: int, whole: int, gait: int, nouns: int) -> None:
        super().__init__()
        w = width
        self.flow = convolution(2 * FRAMES - 1, 2 * w, 5, 2)
        self.blocks = nn.ModuleList(
            [nn.Sequential(convolution(2 * w, 2 * w, 3, 2), Residual(2 * w)), convolution(2 * w, 3 * w, 3, 2)]
        )
        self.air = nn.Sequential(convolution(6, w, 7, 4), convolution(w, 2 * w, 3, 2))
        self.posture = nn.Linear(gait, 16)
        self.kind = nn.Linear(nouns, 24)
        self.scenery = nn.Linear(whole, 32)
        self.steps = nn.Sequential(nn.Linear(FRAMES * (10 + 16), 128), nn.GELU())
        self.swing = nn.Sequential(nn.Linear(10, 48), nn.GELU())
        moved = 6 * w + 128 + 48 + gait + 24 + 32
        self.motion = nn.ModuleDict({slot: head(moved, 160, len(slots[slot])) for slot in MOTION if slot != ACTION})
        self.acting = Acting(slots, gait, nouns)
        self.weather = nn.ModuleDict({slot: head(4 * w + whole, 96, len(slots[slot])) for slot in AIR})

    def forward(
        self, video_BTCHW: Tensor, whole_BTD: Tensor, way_BT5: Tensor, gait_BTE: Tensor, noun_BV: Tensor
    ) -> dict[str, Tensor]:
        """Logits `[B, V]`.

        Args:
            video_BTCHW: `FRAMES` frames in 0..1.
            whole_BTD: the eye's features of some of them.
            way_BT5: centre x, y, width, height in 0..1 of an actor, and the seconds since the first frame.
            gait_BTE: the closer look's features of it.
            noun_BV: how likely it is to be which noun.
        """
        luma = F.avg_pool2d(video_BTCHW.mean(2), 2) - 0.5
        change = 4.0 * (luma[:, 1:] - luma[:, :-1])
        flow = self.flow(torch.cat([luma, change], 1).contiguous(memory_format=torch.channels_last))
        flow = self.blocks[1](self.blocks[0](flow)).float()
        whole_BD = whole_BTD.mean(1)
        moved = torch.cat(
            [
                flow.mean((2, 3)),
                flow.amax((2, 3)),
                self.steps(torch.cat([way(way_BT5), self.posture(gait_BTE).float()], -1).flatten(1)).float(),
                self.swing(swing(way_BT5)).float(),
                gait_BTE.mean(1),
                self.kind(noun_BV).float(),
                self.scenery(whole_BD).float(),
            ],
            1,
        )
        felt = torch.cat([self._falling(video_BTCHW), whole_BD], 1)
        logits = {slot: each(moved).float() for slot, each in self.motion.items()}
        camera_BV = logits[CAMERA].detach().softmax(1)
        aspect_B = torch.full((len(way_BT5),), video_BTCHW.shape[-1] / video_BTCHW.shape[-2])
        logits[ACTION] = self.acting(way_BT5, gait_BTE.float(), noun_BV, camera_BV, aspect_B)
        return logits | {slot: each(felt).float() for slot, each in self.weather.items()}

    def _falling(self, video_BTCHW: Tensor) -> Tensor:
        """Features of what flits through the air, `[B, D]`: frames at full size, with their change to the next one."""
        here, later = video_BTCHW[:, :-1:2], video_BTCHW[:, 1::2]
        pairs = torch.cat([here - 0.5, 4.0 * (later - here)], 2).flatten(0, 1)
        air: Tensor = self.air(pairs.contiguous(memory_format=torch.channels_last)).float()
        features = torch.cat([air.mean((2, 3)), air.amax((2, 3))], 1)
        return features.view(len(here), -1, features.shape[1]).mean(1)


def way(way_BT5: Tensor) -> Tensor:
    """An actor's way as features `[B, T, 10]`: place, size, time, and how place and size change a second."""
    place = torch.cat([2 * way_BT5[..., :2] - 1, way_BT5[..., 2:4].clamp_min(0.02).log() + 1], -1)
    time = way_BT5[..., 4:]
    gap = (time[:, 1:] - time[:, :-1]).clamp_min(0.05)
    pace = 4 * (place[:, 1:] - place[:, :-1]) / gap
    pace = torch.cat([pace, pace.mean(1, keepdim=True)], 1)
    over = place - place.mean(1, keepdim=True)
    return torch.cat([place, 4 * over[..., 1:2], time / 4, pace.clamp(-4, 4)], -1)


def swing(way_BT5: Tensor) -> Tensor:
    """How far an actor goes, up and down and to and fro, in its own heights, and how its size changes: `[B, 10]`."""
    height_B = way_BT5[..., 3].mean(1).clamp_min(0.02)
    place = torch.cat([way_BT5[..., :2] / height_B[:, None, None], way_BT5[..., 2:4].clamp_min(0.02).log()], -1)
    span = place.amax(1) - place.amin(1)
    drift = place[:, -1] - place[:, 0]
    time = way_BT5[:, -1:, 4] / 4
    return torch.cat([span, drift, height_B[:, None], time], 1).clamp(-4, 4)
