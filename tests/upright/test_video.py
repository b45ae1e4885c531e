"""Videos stand in the page itself, side by side, and each says what it shows."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import gymnasium as gym
import pytest

import upright
from upright import show_videos

upright.quiet()


@pytest.fixture(scope="module")
def mp4(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real video of one short episode."""
    folder = tmp_path_factory.mktemp("episode") / "videos"
    env: gym.Env = gym.wrappers.RecordVideo(
        gym.make("CartPole-v0", render_mode="rgb_array"), str(folder), disable_logger=True, name_prefix="left"
    )
    env.reset(seed=0)
    while not any(env.step(0)[2:4]):
        pass
    env.close()
    (path,) = folder.glob("*.mp4")
    return path


class Read(HTMLParser):
    """The tags of a piece of HTML with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_page_holds_the_whole_file(mp4: Path) -> None:
    (source,) = Read(show_videos({"A fall": mp4}).data).named("source")
    kind, _, data = str(source["src"]).partition(";base64,")
    assert kind == "data:video/mp4"
    assert source["type"] == "video/mp4"
    assert base64.b64decode(data) == mp4.read_bytes()
    assert base64.b64decode(data)[4:8] == b"ftyp"


def test_a_video_has_controls_and_starts_only_when_asked(mp4: Path) -> None:
    (video,) = Read(show_videos({"A fall": mp4}).data).named("video")
    assert {"controls", "loop", "muted", "playsinline"} <= set(video)
    assert "autoplay" not in video


def test_each_video_says_what_it_shows_to_eyes_and_to_a_screen_reader(mp4: Path) -> None:
    found = Read(show_videos({"Random agent": mp4, "Trained agent": str(mp4)}).data)
    assert [video["aria-label"] for video in found.named("video")] == ["Random agent", "Trained agent"]
    assert found.text == "Random agentTrained agent"
    assert len(found.named("figcaption")) == len(found.named("figure")) == 2


def test_a_caption_is_text_and_never_html(mp4: Path) -> None:
    found = Read(show_videos({'<script>alert("1")</script> & more': mp4}).data)
    assert not found.named("script")
    assert found.text == '<script>alert("1")</script> & more'
    assert found.named("video")[0]["aria-label"] == '<script>alert("1")</script> & more'


def test_a_video_is_never_wider_than_asked_nor_than_the_page(mp4: Path) -> None:
    (figure,) = Read(show_videos({"A fall": mp4}, width=250).data).named("figure")
    assert re.search(r"max-width:\s*250px", str(figure["style"]))
    assert re.search(r"(^|;)\s*width:\s*100%", str(figure["style"]))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.mp4"):
        show_videos({"Nothing": tmp_path / "nowhere.mp4"})
