"""What the page says of the open models: what was understood of each, where to go on, and what can be opened."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import streamlit as st

from s2v.encoders.registry import EncoderConfig
from s2v.fields import Field
from s2v.ui import contestants, copying
from s2v.ui.messages import plain
from s2v.ui.published import maps, opening
from s2v.ui.published.maps import Shown
from s2v.ui.published.opening import Model

PUBLISHED = (
    ("TorchSpatial", "github.com/seai-lab/TorchSpatial"),
    ("Sphere2Vec, the paper's own", "github.com/gengchenmai/sphere2vec"),
    ("SINR, species of iNaturalist", "github.com/elijahcole/sinr"),
    ("geo_prior", "github.com/macaodha/geo_prior"),
)


MIN_SHOWN = 5e-4  # a smaller number is shown as 0


def show_what_opens() -> None:
    """Says what the page can open, and where such files are published; the lab fetches none of them."""
    with st.expander("What can be opened, and where it is published", icon=":material/help:"):
        st.markdown(
            "The location models of these projects, as their training wrote them (`.pth.tar`, `.pt`), and the models "
            "of this lab (`.safetensors`: Train offers them for download). Nothing is fetched from here: their pages "
            "say where the files are.\n\n"
            + "\n".join(f"- {title}: `{where}`" for title, where in PUBLISHED)
            + "\n\nGeoCLIP's location encoder, too: `location_encoder_weights.pth` in its package (`pip install "
            "--no-deps geoclip`, 40 MB; where this server has it, a button opens it). It has no classes, but an "
            "embedding for Similarity and Distortion. So do sine networks on spherical harmonics, named as in "
            "SatCLIP's location encoder, as `.safetensors`.\n\nWhich encoders and networks are read, which not, and "
            "why: `docs/checkpoints.md`. Checkpoints are checked against the authors' own formulas."
        )


def show_demonstration() -> None:
    """Says what is shown before a file is open."""
    st.caption(
        "No file is open, so here are two networks that this lab has trained on land cover, equal but for the encoder: "
        "grid is made for flat maps, sphereM for the sphere."
    )


def say(shown: Sequence[Shown], drawn: Sequence[Field]) -> None:
    """Says what the maps show, and what the poles and the dateline do to it, with numbers."""
    probability = any(each.number is not None for each in shown)
    what = "Each map is **the probability that a network gives a class at every place**, all on one colour scale. "
    st.markdown(
        (what if probability else "")
        + "Look at the **poles** and along the **dateline**: a place has one truth from whichever side it is reached, "
        "but where its encoder is torn, a network may give it several answers."
    )
    rows = []
    for each, field in zip(shown, drawn, strict=True):
        edges = maps.edges_of(field)
        rows.append(
            {
                "map": each.title,
                "mean": edges.mean,
                "north": _range(edges.north),
                "south": _range(edges.south),
                "dateline": edges.dateline,
            }
        )
    st.dataframe(
        rows,
        hide_index=True,
        width="stretch",
        column_config={
            "map": "Map",
            "mean": st.column_config.NumberColumn("Mean of the sphere", format="%.3g"),
            "north": st.column_config.Column(
                "North Pole, all around", help="In the cells at 89.5° N, at all longitudes"
            ),
            "south": st.column_config.Column(
                "South Pole, all around", help="In the cells at 89.5° S, at all longitudes"
            ),
            "dateline": st.column_config.NumberColumn(
                "Largest jump at the dateline",
                format="%.3g",
                help="Between neighbouring cells on its two sides, a degree apart",
            ),
        },
    )


def _range(ends: tuple[float, float]) -> str:
    low, high = (f"{end:.2g}" if abs(end) >= MIN_SHOWN else "0" for end in ends)
    return low if low == high else f"{low} to {high}"


def show_models(models: Sequence[Model]) -> None:
    """What was understood of each model, with its file and a button that forgets it."""
    st.subheader("What was understood", anchor=False)
    columns = st.columns(2) if len(models) > 1 else [st.container()]
    for i, model in enumerate(models):
        with columns[i % len(columns)], st.container(border=True, key=f"published model {model.name}"):
            st.markdown(f"**{plain(model.title)}**, from {plain(model.kept.opened)}")
            st.markdown("  \n".join(plain(line) for line in model.understood))
            for remark in model.remarks:
                st.info(plain(remark), icon=":material/info:")
            with st.container(horizontal=True):
                st.download_button(
                    "Model",
                    model.kept.file,
                    model.kept.file_name,
                    "application/octet-stream",
                    on_click="ignore",
                    icon=":material/download:",
                    key=f"published file {model.name}",
                    help="As it came" if model.is_embedding else "As a safetensors file of this lab",
                )
                if not model.is_demonstration:
                    st.button(
                        "Forget",
                        key=f"published forget {model.name}",
                        icon=":material/delete:",
                        type="tertiary",
                        on_click=opening.forget,
                        args=(model.name,),
                    )


def show_onward(models: Sequence[Model]) -> None:
    """Links to the pages that show the models' tears, ellipses and similarity."""
    sources = [model.kept.source for model in models]
    if len(sources) == 1:
        recipe = models[0].kept.recipe
        untrained = EncoderConfig.of(recipe.encoder, **recipe.encoder_params)
        query = contestants.address([untrained, *sources])
    else:
        query = contestants.address(sources)
    with st.container(horizontal=True):
        st.page_link(
            "pages/similarity.py",
            label="What these networks find alike",
            icon=":material/join_inner:",
            query_params=query,
        )
        st.page_link(
            "pages/distortion.py",
            label="Their tears and Tissot's ellipses, in a table with all encoders",
            icon=":material/grid_on:",
            query_params=query,
        )
        printed = [model for model in models if not model.is_embedding and not model.is_demonstration]
        if printed:
            st.page_link(
                "pages/maps.py",
                label="Their maps, to print and as data",
                icon=":material/map:",
                query_params={"model": printed[0].kept.source.name},
            )


def show_code(models: Sequence[Model], names: Sequence[str]) -> None:
    """The Python and the command that predict the same."""
    lines = ["import s2v", ""]
    commands = []
    for model in models:
        file = model.kept.file_name
        if model.is_embedding:
            lines += [
                "import torch",
                f"encoder = s2v.import_embedding({file!r})  # the file that the page offers",
                "print(encoder(torch.tensor([[15.6, 78.2]])).shape)",
            ]
            continue
        lines += [f"model = s2v.load({file!r})  # the file that the page offers"]
        if not names:
            lines.append("print(model.predict([[15.6, 78.2]]))")
            commands.append(f"python -m s2v map {file} --out {file.removesuffix('.safetensors')}.png")
        for name in names:
            if name in model.classes:
                lines.append(f"print(model.predict([[15.6, 78.2]])[:, {model.classes.index(name)}])  # {name!r}")
                commands.append(_map_command(file, name, model.classes.index(name)))
    copying.show("\n".join(lines), "\n".join(commands), "published")


def _map_command(file: str, name: str, number: int) -> str:
    out = f"{file.removesuffix('.safetensors')}-{number}.png"
    return shlex.join(["python", "-m", "s2v", "map", file, f"--class={name}", "--out", out])
