"""Files are written beside and renamed: a writer that fails, or is stopped, leaves the old file as it was."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file in one go: at every moment it is the old one or the whole new one.

    A file that is replaced hands on its permissions, and of a link the target is replaced.  A process that is killed
    may leave its temporary file, ``.s2v-*.tmp`` in the same folder, which can be deleted.

    Parameters
    ----------
    path : str or path
        In a folder that exists.
    content : bytes

    Raises
    ------
    OSError
        Where the file cannot be written: of the class that fits, with a message that names ``path``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_bytes(f"{folder}/a.txt", b"new")
    ...     Path(folder, "a.txt").read_bytes()
    b'new'
    """
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():  # a folder raises here; a pipe or device is never replaced
            target.write_bytes(content)
            return
        temporary = _temporary(target.parent)
        try:
            _write(temporary, content, target)
            os.replace(temporary, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _cannot_write(path, error) from error


def write_files(folder: str | os.PathLike[str], contents: Mapping[str, bytes | None]) -> None:
    """Write files that belong together: the folder never holds some old and some new ones of them.

    All are first written to a temporary folder inside.  Then the old ones are moved there, and only then the new ones
    to their places.  Other files of the folder are not touched.  After an error or Ctrl-C the old files are back.

    What a process that is killed leaves: before the moves, all old files; within them, old files only or new files
    only, and the others, whole, in ``.s2v-*.tmp/old`` and ``.s2v-*.tmp/new``.

    Parameters
    ----------
    folder : str or path
        It is made where it is missing.
    contents : mapping of a file's name to its bytes, or to None where there shall be no such file

    Raises
    ------
    OSError
        Where a file cannot be written: of the class that fits, with a message that names ``folder``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_files(folder, {"a.txt": b"1", "b.txt": b"2"})
    ...     write_files(folder, {"a.txt": b"3", "b.txt": None})
    ...     os.listdir(folder)
    ['a.txt']
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary = _temporary(folder)
        old, new = temporary / "old", temporary / "new"
        try:
            old.mkdir(parents=True)
            new.mkdir()
            for name, content in contents.items():
                _check_replaceable(folder / name)
                if content is not None:
                    _write(new / name, content, folder / name)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        present = [name for name in contents if os.path.lexists(folder / name)]
        moves = [(folder / name, old / name) for name in present]
        moves += [(new / name, folder / name) for name, content in contents.items() if content is not None]
        try:
            for source, destination in moves:
                os.replace(source, destination)
        except BaseException:
            # The temporary folder is deleted only once the old files are back.
            _move_back(moves)
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise _cannot_write(folder, error) from error


def check_writable(folder: str | os.PathLike[str], names: Sequence[str] = ()) -> None:
    """``OSError`` where files of these names cannot be written to a folder that exists; free room is not checked.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     check_writable(folder, ["a.txt"])
    """
    folder = Path(folder)
    temporary = _temporary(folder)
    try:
        with temporary.open("xb"):
            pass
    except OSError as error:
        raise _cannot_write(folder, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    for name in names:
        try:
            _check_replaceable(folder / name)
        except OSError as error:
            raise _cannot_write(folder / name, error) from error


def _temporary(folder: Path) -> Path:
    return folder / f".s2v-{secrets.token_hex(6)}.tmp"


def _write(temporary: Path, content: bytes, replaced: Path) -> None:
    """Writes a new file to the disk, with the permissions of the one that it will replace."""
    _check_replaceable(replaced)
    with temporary.open("xb") as file:
        if replaced.is_file():
            temporary.chmod(stat.S_IMODE(replaced.stat().st_mode))
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _check_replaceable(path: Path) -> None:
    """Renaming asks only for permission to change the folder; a folder or a write-protected file must stay, too."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _move_back(moves: Sequence[tuple[Path, Path]]) -> None:
    for source, destination in reversed(moves):
        # Where the source is still there, its move has not happened.
        if not os.path.lexists(source) and os.path.lexists(destination):
            os.replace(destination, source)


def _cannot_write(path: str | os.PathLike[str], error: OSError) -> OSError:
    reason = error.strerror or str(error)
    told = type(error)(f"{os.fspath(path)} cannot be written: {reason[:1].lower()}{reason[1:]}.")
    told.errno = error.errno
    return told
