"""`python -m tests.docs`: write the generated pages, and run the pages that are run."""

from tests.docs.generated import GENERATED, RUN, rerun
from tests.docs.pages import ROOT


def main() -> None:
    """Bring every page up to date that depends on the code; say which changed."""
    for name, make in GENERATED.items():
        _write(name, make())
    for name in RUN:
        _write(name, rerun(name))


def _write(name: str, text: str) -> None:
    page = ROOT / name
    if page.is_file() and page.read_text(encoding="utf-8") == text:
        return
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text, encoding="utf-8")
    print(f"{name}: written")


if __name__ == "__main__":
    main()
