"""Files fetched from a local server: kept, checked, continued where they broke off."""

import hashlib
import threading

import numpy as np
import pytest

from course_utils.data import DownloadError
from course_utils.data.downloads import RemoteFile, fetch


def test_a_good_file_is_not_fetched_again(server):
    remote = server.put("file.bin", b"content" * 1000)
    assert fetch(remote).read_bytes() == fetch(remote).read_bytes() == b"content" * 1000
    assert len(server.asked) == 1


def test_a_file_put_there_by_hand_is_used_without_network(download_cache):
    download_cache.mkdir(parents=True)
    (download_cache / "file.bin").write_bytes(b"by hand")
    remote = RemoteFile("http://127.0.0.1:9/file.bin", "file.bin", f"md5:{hashlib.md5(b'by hand').hexdigest()}")
    assert fetch(remote) == download_cache / "file.bin"


def test_a_damaged_file_in_the_cache_is_fetched_again_with_a_note(server, download_cache, caplog):
    remote = server.put("file.bin", b"right")
    fetch(remote).write_bytes(b"wrong")
    assert fetch(remote).read_bytes() == b"right"
    assert "its checksum differs" in caplog.text


def test_a_download_that_broke_off_goes_on_where_it_stopped(server, download_cache):
    content = np.random.default_rng(1).bytes(300_000)
    remote = server.put("file.bin", content)
    server.break_off_after = 200_000
    with pytest.raises(DownloadError, match="broke off; run this again"):
        fetch(remote)
    unfinished = {path.name: path.stat().st_size for path in download_cache.iterdir()}
    assert "file.bin" not in unfinished
    have = unfinished["file.bin.part"]
    assert 0 < have <= 200_000
    server.break_off_after = None
    assert fetch(remote).read_bytes() == content
    assert server.asked[-1] == ("file.bin", f"bytes={have}-")
    assert [path.name for path in download_cache.iterdir()] == ["file.bin"]


@pytest.mark.parametrize("ranges", [True, False], ids=["server with ranges", "server without ranges"])
@pytest.mark.parametrize("left_over", [b"cont", b"content", b"content and more"])
def test_whatever_an_earlier_attempt_left_the_file_ends_up_right(server, download_cache, ranges, left_over):
    remote = server.put("file.bin", b"content")
    server.ranges = ranges
    download_cache.mkdir(parents=True)
    (download_cache / "file.bin.part").write_bytes(left_over)
    assert fetch(remote).read_bytes() == b"content"
    assert [path.name for path in download_cache.iterdir()] == ["file.bin"]


def test_two_downloads_at_once_both_end_with_the_right_file(server):
    content = np.random.default_rng(2).bytes(2_000_000)
    remote = server.put("file.bin", content)
    results = []
    threads = [threading.Thread(target=lambda: results.append(fetch(remote).read_bytes())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert [result == content for result in results] == [True, True, True]


def test_a_file_the_server_does_not_have_is_an_error_in_words(server):
    with pytest.raises(DownloadError, match="the server answered 404"):
        fetch(RemoteFile(f"{server.address}/none.bin", "none.bin", "md5:" + "0" * 32))


def test_a_cache_that_cannot_be_written_is_an_error_that_says_how_to_choose_another(server, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "file"))
    with pytest.raises(DownloadError, match="Set COURSE_CACHE to a folder you can write to"):
        fetch(server.put("file.bin", b"content"))
