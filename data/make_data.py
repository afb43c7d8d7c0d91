"""Make the two files the course ships: grey garments and photographs. Run it again to get the same bytes.

    python data/make_data.py                                # compare with the shipped files, change nothing
    python data/make_data.py --out data                     # write garments.npz and photos.npz

Needs this course installed with its `data` extra (`pip install '.[data]'`: scikit-image, Pillow) and Debian's package
dataset-fashion-mnist, or another folder with the four files of Fashion-MNIST (--fashion-mnist FOLDER).
"""

import argparse
import io
import sys
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from course_utils.data.errors import DataError
from course_utils.data.fashion_mnist import DEBIAN_FOLDER, read_folder

PER_CLASS = {"train": 1_000, "val": 200, "test": 200}
SEED = 2024
CLASSES = 10

# Sample photographs of scikit-image that are in the public domain or CC0; README.md here says where each is from.
PHOTOS = (
    "astronaut.png", "coffee.png", "chelsea.png", "rocket.jpg",
    "hubble_deep_field.jpg", "brick.png", "grass.png", "gravel.png",
)  # fmt: skip
PHOTO_SIDE = 160


def main(arguments: list[str] | None = None) -> int:
    """Build both files in memory; write them to --out, or compare them with the ones beside this script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--fashion-mnist", type=Path, default=DEBIAN_FOLDER, metavar="FOLDER", help="default: %(default)s"
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write here; without it, only compare")
    options = parser.parse_args(arguments)
    try:
        made = {"garments.npz": garments(options.fashion_mnist), "photos.npz": photographs()}
    except DataError as problem:
        print(f"{problem}. Install dataset-fashion-mnist, or name its folder with --fashion-mnist.", file=sys.stderr)
        return 2
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        for file_name, arrays in made.items():
            (options.out / file_name).write_bytes(npz_bytes(arrays))
            print(f"{options.out / file_name}: {(options.out / file_name).stat().st_size:,} bytes")
        return 0
    same = [compare(Path(__file__).parent / file_name, arrays) for file_name, arrays in made.items()]
    return 0 if all(same) else 1


def garments(folder: Path) -> dict[str, NDArray[np.generic]]:
    """Grey images (N, 28, 28) and labels (N,) of three splits with equally many of each class, in shuffled order.

    train and val come from the official training file, test from the official test file.
    """
    official = read_folder(folder)
    rng = np.random.RandomState(SEED)  # its stream is fixed for ever; that of a Generator may change
    train_rows, val_rows = _pick(official["train_labels"], (PER_CLASS["train"], PER_CLASS["val"]), rng)
    (test_rows,) = _pick(official["test_labels"], (PER_CLASS["test"],), rng)
    arrays: dict[str, NDArray[np.generic]] = {}
    for which, rows, source in (
        ("train", train_rows, "train"),
        ("val", val_rows, "train"),
        ("test", test_rows, "test"),
    ):
        arrays[f"{which}_images"] = official[f"{source}_images"][rows]
        arrays[f"{which}_labels"] = official[f"{source}_labels"][rows]
    return arrays


def _pick(labels: NDArray[np.uint8], counts: tuple[int, ...], rng: np.random.RandomState) -> list[NDArray[np.intp]]:
    """Disjoint sets of row numbers: for each count, that many rows of each class, shuffled."""
    chosen: list[list[NDArray[np.intp]]] = [[] for _ in counts]
    for label in range(CLASSES):
        rows, start = rng.permutation(np.flatnonzero(labels == label)), 0
        for rows_of_split, count in zip(chosen, counts, strict=True):
            rows_of_split.append(rows[start : start + count])
            start += count
    return [rng.permutation(np.concatenate(rows_of_split)) for rows_of_split in chosen]


def photographs() -> dict[str, NDArray[np.generic]]:
    """`photos` (8, 160, 160, 3): the middle square of each photograph, made smaller; `names` of their files."""
    import skimage
    from PIL import Image

    folder = Path(skimage.__file__).parent / "data"
    squares = []
    for name in PHOTOS:
        with Image.open(folder / name) as opened:
            photo = opened.convert("RGB")
        side = min(photo.size)
        left, top = (photo.width - side) // 2, (photo.height - side) // 2
        square = photo.crop((left, top, left + side, top + side))
        squares.append(np.asarray(square.resize((PHOTO_SIDE, PHOTO_SIDE), Image.Resampling.LANCZOS)))
    return {"photos": np.stack(squares), "names": np.array(PHOTOS)}


def npz_bytes(arrays: dict[str, NDArray[np.generic]]) -> bytes:
    """What `np.savez_compressed` writes, but without the time of day in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            member, content = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0)), io.BytesIO()
            member.external_attr, member.create_system = 0o644 << 16, 3  # the same on every system
            np.lib.format.write_array(content, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
            archive.writestr(member, content.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return buffer.getvalue()


def compare(path: Path, arrays: dict[str, NDArray[np.generic]]) -> bool:
    """Print and return whether a shipped file holds these arrays."""
    with np.load(path) as shipped:
        same = set(shipped.files) == set(arrays) and all(np.array_equal(shipped[name], arrays[name]) for name in arrays)
        print(f"{path}: {'holds the same arrays' if same else 'differs'}")
    return same


if __name__ == "__main__":
    sys.exit(main())
