"""CIFAR-10 from a local server: archives in the real format, damaged ones, and none at all."""

import pickle

import numpy as np
import pytest
import small_archives
from small_archives import NAMES, python2_pickle, tar_gz

from course_utils.data import DataError, DownloadError, cifar10, load_dataset
from course_utils.data.downloads import RemoteFile
from course_utils.data.unpickling import load_plain_pickle


def cifar_members(batch_size=20):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (6 * batch_size, 32, 32, 3), dtype=np.uint8)
    return small_archives.cifar_members(images, np.tile(np.arange(batch_size) % 10, 6), batch_size)


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


def test_a_wrong_checksum_is_refused_before_anything_is_read(server, download_cache, monkeypatch):
    monkeypatch.setattr(cifar10, "_members", lambda path: pytest.fail("read before its checksum was compared"))
    server.put("cifar.tar.gz", cifar_archive())
    with pytest.raises(DownloadError, match="thrown away unread"):
        cifar10.load(RemoteFile(f"{server.address}/cifar.tar.gz", "cifar.tar.gz", "md5:" + "0" * 32))
    assert list(download_cache.iterdir()) == []


def test_a_truncated_archive_is_refused(server, download_cache):
    whole = cifar_archive()
    remote = server.put("cifar.tar.gz", whole)
    server.files["cifar.tar.gz"] = whole[: len(whole) // 2]
    with pytest.raises(DownloadError, match="not the published file"):
        cifar10.load(remote)
    assert list(download_cache.iterdir()) == []


def test_without_a_server_the_error_says_what_to_do(download_cache):
    with pytest.raises(DownloadError) as caught:
        cifar10.load(RemoteFile("http://127.0.0.1:9/cifar.tar.gz", "cifar.tar.gz", "md5:" + "0" * 32))
    message = str(caught.value)
    assert message.startswith("could not download http://127.0.0.1:9/cifar.tar.gz (no connection to the server)")
    assert f"put the file at {download_cache / 'cifar.tar.gz'}" in message
    assert 'load_dataset("garments")' in message


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
