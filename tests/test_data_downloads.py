"""CIFAR-10 and Fashion-MNIST from a local server: archives in the real formats, damaged ones, and none at all."""

import gzip
import hashlib
import io
import pickle
import re
import struct
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from course_utils.data import DataError, DownloadError, cifar10, fashion_mnist, load_dataset
from course_utils.data.downloads import RemoteFile, fetch
from course_utils.data.idx import read_idx
from course_utils.data.unpickling import load_plain_pickle


class Server:
    """Serves `files` by name on 127.0.0.1 and remembers what was asked for."""

    def __init__(self):
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.break_off_after: int | None = None
        self.ranges = True
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.answer(self)

            def log_message(self, *arguments):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def answer(self, request):
        name, wanted = request.path.lstrip("/"), request.headers.get("Range")
        self.asked.append((name, wanted))
        if name not in self.files:
            request.send_error(404)
            return
        content, begin = self.files[name], 0
        if wanted and self.ranges:
            begin = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])
            if begin >= len(content):
                request.send_error(416)
                return
        request.send_response(206 if begin else 200)
        request.send_header("Content-Length", str(len(content) - begin))
        request.end_headers()
        end = len(content) if self.break_off_after is None else begin + self.break_off_after
        request.wfile.write(content[begin:end])

    def put(self, name, content):
        """Serve a file; returns what a module would know about it."""
        self.files[name] = content
        return RemoteFile(f"{self.address}/{name}", name, f"md5:{hashlib.md5(content).hexdigest()}")


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("COURSE_MIRROR", raising=False)
    return tmp_path / "cache" / "downloads"


def python2_pickle(value) -> bytes:
    """`value` as Python 2's cPickle wrote it in protocol 2: strings are byte strings, arrays as NumPy 1 named them."""

    def write(value) -> bytes:
        if isinstance(value, bytes):
            short = len(value) < 256
            return (b"U" + bytes([len(value)]) if short else b"T" + struct.pack("<i", len(value))) + value
        if isinstance(value, bool) or value is None:
            return {True: b"\x88", False: b"\x89", None: b"N"}[value]
        if isinstance(value, int):
            return b"K" + bytes([value]) if 0 <= value < 256 else b"J" + struct.pack("<i", value)
        if isinstance(value, tuple):
            return b"(" + b"".join(map(write, value)) + b"t"
        if isinstance(value, list):
            return b"](" + b"".join(map(write, value)) + b"e"
        if isinstance(value, dict):
            return b"}(" + b"".join(write(key) + write(item) for key, item in value.items()) + b"u"
        dtype = b"cnumpy\ndtype\n" + write((b"u1", 0, 1)) + b"R" + write((3, b"|", None, None, None, -1, -1, 0)) + b"b"
        state = b"(" + write(1) + write(value.shape) + dtype + write(False) + write(value.tobytes()) + b"t"
        empty = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n" + write((0,)) + write(b"b") + b"tR"
        return empty + state + b"b"

    return b"\x80\x02" + write(value) + b"."


NAMES = [b"airplane", b"automobile", b"bird", b"cat", b"deer", b"dog", b"frog", b"horse", b"ship", b"truck"]


def cifar_members(batch_size=20):
    rng = np.random.default_rng(0)
    batches = {}
    for name in (*cifar10.TRAIN_BATCHES, cifar10.TEST_BATCH):
        rows = rng.integers(0, 256, (batch_size, 3072), dtype=np.uint8)
        labels = [index % 10 for index in range(batch_size)]
        batches[name] = {
            b"batch_label": b"training batch",
            b"labels": labels,
            b"data": rows,
            b"filenames": [b"made_up.png"] * batch_size,
        }
    batches[cifar10.META] = {b"num_cases_per_batch": 10000, b"label_names": NAMES, b"num_vis": 3072}
    return batches


def tar_gz(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        folder = tarfile.TarInfo(cifar10.FOLDER)
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in {**members, f"{cifar10.FOLDER}/readme.html": b"<html>"}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def cifar_archive(**changed) -> bytes:
    members = {name: python2_pickle(values) for name, values in cifar_members().items()}
    return tar_gz({**members, **{f"{cifar10.FOLDER}/{name}": content for name, content in changed.items()}})


def python3_protocol_2(values):
    return pickle.dumps(values, protocol=2)


@pytest.mark.parametrize("write", [python2_pickle, python3_protocol_2])
def test_cifar10_is_read_from_an_archive_in_the_real_format(server, write):
    members = cifar_members()
    archive = server.put("cifar.tar.gz", tar_gz({name: write(values) for name, values in members.items()}))
    dataset = cifar10.load(archive, validation=15)
    assert [len(labels) for labels in (dataset.train_labels, dataset.val_labels, dataset.test_labels)] == [85, 15, 20]
    assert dataset.class_names == tuple(name.decode() for name in NAMES)
    first = members[cifar10.TRAIN_BATCHES[0]][b"data"][0]
    assert dataset.train_images[0, 0, 1].tolist() == [first[1], first[1024 + 1], first[2048 + 1]]
    assert dataset.train_images[0, 1, 0].tolist() == [first[32], first[1024 + 32], first[2048 + 32]]
    last = members[cifar10.TRAIN_BATCHES[4]]
    assert np.array_equal(dataset.val_labels, last[b"labels"][-15:])
    assert dataset.val_images[-1, 31, 31, 2] == last[b"data"][-1, -1]


def test_the_archive_asked_for_is_the_original_one():
    assert cifar10.ARCHIVE.url == "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
    assert cifar10.ARCHIVE.checksum == "md5:c58f30108f718f92721af3b95e74349a"


def test_a_mirror_takes_the_place_of_the_published_address(server, monkeypatch):
    server.files["cifar-10-python.tar.gz"] = b"not the original"
    monkeypatch.setenv("COURSE_MIRROR", server.address + "/")
    with pytest.raises(DownloadError, match=rf"{server.address}/cifar-10-python\.tar\.gz is not the published file"):
        load_dataset("cifar10")


def test_a_good_file_is_not_fetched_again(server):
    remote = server.put("file.bin", b"content" * 1000)
    assert fetch(remote).read_bytes() == fetch(remote).read_bytes() == b"content" * 1000
    assert len(server.asked) == 1


def test_a_file_put_there_by_hand_is_used_without_network(cache):
    cache.mkdir(parents=True)
    (cache / "file.bin").write_bytes(b"by hand")
    remote = RemoteFile("http://127.0.0.1:9/file.bin", "file.bin", f"md5:{hashlib.md5(b'by hand').hexdigest()}")
    assert fetch(remote) == cache / "file.bin"


def test_a_damaged_file_in_the_cache_is_fetched_again_with_a_note(server, cache, caplog):
    remote = server.put("file.bin", b"right")
    fetch(remote).write_bytes(b"wrong")
    assert fetch(remote).read_bytes() == b"right"
    assert "its checksum differs" in caplog.text


def test_a_wrong_checksum_is_refused_before_anything_is_read(server, cache, monkeypatch):
    monkeypatch.setattr(cifar10, "_members", lambda path: pytest.fail("read before its checksum was compared"))
    server.put("cifar.tar.gz", cifar_archive())
    with pytest.raises(DownloadError, match="thrown away unread"):
        cifar10.load(RemoteFile(f"{server.address}/cifar.tar.gz", "cifar.tar.gz", "md5:" + "0" * 32))
    assert list(cache.iterdir()) == []


def test_a_truncated_archive_is_refused(server, cache):
    whole = cifar_archive()
    remote = server.put("cifar.tar.gz", whole)
    server.files["cifar.tar.gz"] = whole[: len(whole) // 2]
    with pytest.raises(DownloadError, match="not the published file"):
        cifar10.load(remote)
    assert list(cache.iterdir()) == []


def test_a_download_that_broke_off_goes_on_where_it_stopped(server, cache):
    content = np.random.default_rng(1).bytes(300_000)
    remote = server.put("file.bin", content)
    server.break_off_after = 200_000
    with pytest.raises(DownloadError, match="broke off; run this again"):
        fetch(remote)
    unfinished = {path.name: path.stat().st_size for path in cache.iterdir()}
    assert "file.bin" not in unfinished
    have = unfinished["file.bin.part"]
    assert 0 < have <= 200_000
    server.break_off_after = None
    assert fetch(remote).read_bytes() == content
    assert server.asked[-1] == ("file.bin", f"bytes={have}-")
    assert [path.name for path in cache.iterdir()] == ["file.bin"]


@pytest.mark.parametrize("ranges", [True, False], ids=["server with ranges", "server without ranges"])
@pytest.mark.parametrize("left_over", [b"cont", b"content", b"content and more"])
def test_whatever_an_earlier_attempt_left_the_file_ends_up_right(server, cache, ranges, left_over):
    remote = server.put("file.bin", b"content")
    server.ranges = ranges
    cache.mkdir(parents=True)
    (cache / "file.bin.part").write_bytes(left_over)
    assert fetch(remote).read_bytes() == b"content"
    assert [path.name for path in cache.iterdir()] == ["file.bin"]


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


def test_without_a_server_the_error_says_what_to_do(cache):
    with pytest.raises(DownloadError) as caught:
        cifar10.load(RemoteFile("http://127.0.0.1:9/cifar.tar.gz", "cifar.tar.gz", "md5:" + "0" * 32))
    message = str(caught.value)
    assert message.startswith("could not download http://127.0.0.1:9/cifar.tar.gz (no connection to the server)")
    assert f"put the file at {cache / 'cifar.tar.gz'}" in message
    assert 'load_dataset("garments")' in message


def test_a_file_the_server_does_not_have_is_an_error_in_words(server):
    with pytest.raises(DownloadError, match="the server answered 404"):
        fetch(RemoteFile(f"{server.address}/none.bin", "none.bin", "md5:" + "0" * 32))


def test_a_cache_that_cannot_be_written_is_an_error_that_says_how_to_choose_another(server, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "file"))
    with pytest.raises(DownloadError, match="Set COURSE_CACHE to a folder you can write to"):
        fetch(server.put("file.bin", b"content"))


class Trap:
    """Pickled, it asks the reader to call print, as an attacker's pickle would ask for something worse."""

    def __reduce__(self):
        return print, ("the trap was sprung",)


BATCH = cifar_members(2)[cifar10.TEST_BATCH]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"test_batch": pickle.dumps(Trap(), protocol=2)}, r"test_batch: refused: it asks for \S+\.print"),
        ({"test_batch": pickle.dumps({"data": Trap()})}, "refused"),
        ({"test_batch": b"cos\nsystem\n(U\x04echotR."}, r"refused: it asks for os\.system"),
        ({"test_batch": b"cnumpy\nload\n."}, r"refused: it asks for numpy\.load"),
        ({"test_batch": b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x03\x00\x00\x00hex\x86R."}, "the codec 'hex'"),
        ({"test_batch": b"no pickle"}, "not a readable pickle"),
        ({"test_batch": python2_pickle(BATCH)[:500]}, "not a readable pickle"),
        ({"test_batch": python2_pickle([1, 2])}, "wanted a dictionary with data, labels"),
        ({"test_batch": python2_pickle({b"data": BATCH[b"data"]})}, "wanted a dictionary with data, labels"),
        ({"test_batch": python2_pickle({**BATCH, b"data": [1, 2]})}, "the images are list"),
        ({"test_batch": python2_pickle({**BATCH, b"data": np.zeros((2, 7), np.uint8)})}, r"uint8 \(2, 7\)"),
        ({"test_batch": python2_pickle({**BATCH, b"labels": [1, 2, 3]})}, "2 images but labels of shape"),
        ({"test_batch": python2_pickle({**BATCH, b"labels": [b"cat", b"dog"]})}, "labels are not whole numbers"),
        ({"batches.meta": python2_pickle({})}, "wanted a dictionary with label_names"),
    ],
)
def test_a_bad_member_of_the_archive_is_refused(server, capsys, changed, says):
    archive = server.put("cifar.tar.gz", cifar_archive(**changed))
    with pytest.raises(DataError, match=says):
        cifar10.load(archive, validation=5)
    assert capsys.readouterr().out == ""


def test_an_archive_without_a_batch_is_refused(server):
    with pytest.raises(DataError, match="data_batch_1"):
        cifar10.load(server.put("cifar.tar.gz", tar_gz({})))


def test_a_file_that_is_no_archive_is_refused(server):
    with pytest.raises(DataError, match=r"cannot be read as a \.tar\.gz archive"):
        cifar10.load(server.put("cifar.tar.gz", b"not an archive"))


def test_a_member_too_long_to_be_a_batch_is_refused(server, monkeypatch):
    monkeypatch.setattr(cifar10, "LARGEST_MEMBER", 1000)
    with pytest.raises(DataError, match="too long to be a batch"):
        cifar10.load(server.put("cifar.tar.gz", cifar_archive()))


def test_plain_values_and_arrays_come_through_the_restricted_reader():
    values = {b"a": [1, 300, -2], b"b": (b"x" * 300, None, True), b"c": np.arange(6, dtype=np.uint8).reshape(2, 3)}
    for content in (python2_pickle(values), pickle.dumps(values), pickle.dumps(values, protocol=2)):
        back = load_plain_pickle(content, "here")
        assert back[b"a"] == values[b"a"]
        assert back[b"b"] == values[b"b"]
        assert np.array_equal(back[b"c"], values[b"c"])


def idx(array) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return gzip.compress(header + array.tobytes(), mtime=0)


def fashion_files(server, **changed):
    rng = np.random.default_rng(3)
    arrays = {}
    for which, count in (("train", 30), ("test", 10)):
        arrays[f"{which}_images"] = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        arrays[f"{which}_labels"] = np.arange(count, dtype=np.uint8) % 10
    arrays.update(changed)
    files = {
        part: server.put(fashion_mnist.FILES[part].file_name, array if isinstance(array, bytes) else idx(array))
        for part, array in arrays.items()
    }
    return arrays, files


def test_fashion_mnist_is_downloaded_padded_and_repeated(server):
    arrays, files = fashion_files(server)
    dataset = fashion_mnist.load(files=files, validation=4)
    assert [len(labels) for labels in (dataset.train_labels, dataset.val_labels, dataset.test_labels)] == [26, 4, 10]
    for channel in range(3):
        assert np.array_equal(dataset.test_images[:, 2:30, 2:30, channel], arrays["test_images"])
    assert dataset.train_images[:, :2].max() == dataset.train_images[:, :, 30:].max() == 0
    assert np.array_equal(dataset.val_images[:, 2:30, 2:30, 0], arrays["train_images"][-4:])


def test_without_debians_copy_the_published_files_are_asked_for(server, tmp_path, monkeypatch):
    fashion_files(server)
    monkeypatch.setenv("COURSE_MIRROR", server.address)
    with pytest.raises(DownloadError, match="not the published file"):
        fashion_mnist.load(folder=tmp_path)
    assert server.asked == [("train-images-idx3-ubyte.gz", None)]


def test_a_folder_with_other_contents_is_refused(server, tmp_path):
    fashion_files(server)
    for name, content in server.files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match="not the published ones"):
        fashion_mnist.load(folder=tmp_path)


def test_images_and_labels_that_do_not_match_are_refused(server):
    _, files = fashion_files(server, test_labels=np.zeros(3, np.uint8))
    with pytest.raises(DataError, match=r"images \(10, 28, 28\) and labels \(3,\)"):
        fashion_mnist.load(files=files, validation=4)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"not gzip", "cannot be read as a gzip file"),
        (idx(np.zeros((3, 4), np.uint8))[:-6], "cannot be read as a gzip file"),
        (gzip.compress(b""), "it starts with nothing"),
        (gzip.compress(b"\x00\x00\x0d\x01\x00\x00\x00\x00"), "not an IDX file of unsigned bytes"),
        (gzip.compress(b"\x00\x00\x08\x01\x00\x00\x00\x05abc"), r"says it holds \(5,\), but 3 bytes follow"),
        (gzip.compress(b"\x00\x00\x08\x03\x00\x00\x00\x05"), "but 0 bytes follow"),
    ],
    ids=["not gzip", "cut short", "empty", "another type", "too few bytes", "no bytes"],
)
def test_a_damaged_idx_file_is_an_error_in_words(tmp_path, content, says):
    path = tmp_path / "file.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=says):
        read_idx(path)


def test_a_missing_idx_file_is_an_error_in_words(tmp_path):
    with pytest.raises(DataError, match="No such file"):
        read_idx(tmp_path / "none.gz")


@pytest.mark.skipif(
    not (fashion_mnist.DEBIAN_FOLDER / "train-images-idx3-ubyte.gz").is_file(),
    reason="needs Debian's package dataset-fashion-mnist",
)
def test_debians_copy_of_fashion_mnist_is_read():
    dataset = load_dataset("fashion_mnist")
    assert len(dataset.train_labels) == 58_000
    assert np.bincount(np.concatenate([dataset.train_labels, dataset.val_labels])).tolist() == [6000] * 10
    assert np.bincount(dataset.test_labels).tolist() == [1000] * 10
