"""Fragments of an MP4: each can be played when it is there, and all of them are one file."""

from io import BytesIO

import av
import numpy as np
import pytest

from yozora.media.fragments import Fragments, boxes


@pytest.mark.parametrize("fps", [16.0, 24.0, 29.97])
def test_fragments_in_turn_are_the_film(fps: float) -> None:
    fragments, parts, start = Fragments(96, 64, fps), [], 0
    for count in (1, 8, 16, 3):
        frames_THWC = np.zeros((count, 64, 96, 3), np.uint8)
        for index in range(count):
            frames_THWC[index, :, (start + index) * 3 % 96 :] = 255
        fragments.add(frames_THWC[: count // 2])
        fragments.add(frames_THWC[count // 2 :])
        data, taken = fragments.take()
        assert taken == count
        parts.append(data)
        start += count
    assert fragments.take() == (b"", 0)
    assert [name for name, _ in boxes(parts[0])] == ["ftyp", "moov", "moof", "mdat"]
    assert all([name for name, _ in boxes(part)] == ["moof", "mdat"] for part in parts[1:])
    for some in (parts[:2], parts):
        with av.open(BytesIO(b"".join(some))) as container:
            frames = list(container.decode(video=0))
        assert len(frames) == (9 if len(some) == 2 else 28)
        assert [frame.time for frame in frames] == pytest.approx([k / fps for k in range(len(frames))], abs=1e-3)
    edges = [int((frame.to_ndarray(format="gray")[32] < 128).sum()) for frame in frames]
    assert edges == pytest.approx([k * 3 % 96 for k in range(28)], abs=1)
