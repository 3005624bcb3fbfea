"""What every encoder promises.  A new entry in the registry is tested here by itself."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from s2v import distortion, encoders, sphere
from s2v.encoders.base import empty_result

from .cases import SPECIAL, VARIANT_IDS, VARIANTS, build, lonlats, places, rotation

every_encoder = pytest.mark.parametrize("name", list(encoders.ENCODERS))
every_variant = pytest.mark.parametrize(("name", "params"), VARIANTS, ids=VARIANT_IDS)


@every_variant
def test_shape_dtype_device_and_finite_values(name, params):
    enc = encoders.encoder(name, **params)
    for dtype in (torch.float32, torch.float64):
        for shape in ((2,), (5, 2), (3, 4, 2), (0, 2), (2, 0, 2)):
            lonlat = torch.zeros(shape, dtype=dtype)
            code = enc(lonlat)
            assert code.shape == (*shape[:-1], enc.dim)
            assert code.dtype == dtype
            assert code.device == lonlat.device
        assert torch.isfinite(enc(places().to(dtype))).all()
    assert enc.params == encoders.spec(name).check(params)
    assert enc.name == name


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device; everything else here runs without")
@every_encoder
def test_cuda_gives_the_same(name):
    enc = build(name)
    expected = enc(places())
    on_device = enc.cuda()(places().cuda())
    assert on_device.device.type == "cuda"
    torch.testing.assert_close(on_device.cpu(), expected, rtol=0, atol=1e-10)


@every_encoder
def test_same_seed_same_code_and_another_seed_another(name):
    torch.testing.assert_close(build(name)(places()), build(name)(places()), rtol=0, atol=0)
    if any(p.name == "seed" for p in encoders.spec(name).parameters):
        assert not torch.equal(build(name, seed=1)(places()), build(name)(places()))


@every_encoder
def test_code_of_a_place_does_not_depend_on_its_neighbours_or_on_the_input_array(name):
    enc = build(name)
    many = places(40000)  # more than one block of memory
    before = many.clone()
    with torch.no_grad():
        code = enc(many)
        torch.testing.assert_close(code[12345:12350], enc(many[12345:12350]), rtol=0, atol=1e-12)  # sums may reorder
    assert torch.equal(many, before)


@every_encoder
@given(place=lonlats(), turns=st.integers(-3, 3))
@settings(max_examples=60, deadline=None)
def test_longitude_has_a_period_of_360_degrees(name, place, turns):
    if abs(place[0]) > 179.999:  # adding a turn may round it onto the dateline
        place[0] = 179.5  # which has two sides; continuity is tested below
    enc = build(name)
    turned = torch.tensor([place[0] + 360 * turns, place[1]], dtype=torch.float64)
    expected = enc(torch.from_numpy(place))
    # Adding 1080 degrees rounds a longitude by 1e-13 degrees; no code here is steeper than 1e5 a degree but for a
    # cell border of tile, where the place is nudged inside.
    if name == "tile":
        place[0] = np.floor(place[0] / 15) * 15 + 7
        turned = torch.tensor([place[0] + 360 * turns, place[1]], dtype=torch.float64)
        expected = enc(torch.from_numpy(place))
    torch.testing.assert_close(enc(turned), expected, rtol=0, atol=1e-8)


@every_variant
def test_declared_continuity_is_what_is_measured(name, params):
    spec = encoders.spec(name)
    enc = spec.build(**params)
    dateline = distortion.dateline_tear(enc)
    poles = max(distortion.pole_tear(enc, "north"), distortion.pole_tear(enc, "south"))
    # In units of the code's spread: rounding gives 1e-13, the smallest real tear in these settings 1e-1.
    assert (dateline < 1e-9) == spec.continuous_at_dateline(params), dateline
    assert (poles < 1e-9) == spec.continuous_at_poles(params), poles
    assert dateline < 1e-9 or dateline > 1e-2
    assert poles < 1e-9 or poles > 1e-2


@every_variant
def test_first_and_second_derivatives(name, params):
    enc = encoders.encoder(name, **params)
    lonlat = torch.tensor([[13.0, 41.0], [-121.3, -67.0], [179.0, 88.0]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(enc, lonlat, eps=1e-5, atol=1e-6)
    assert torch.autograd.gradcheck(enc, lonlat, eps=1e-5, atol=1e-6, check_forward_ad=True)
    if name != "tile":  # piecewise constant: no graph to differentiate twice
        assert torch.autograd.gradgradcheck(enc, lonlat, eps=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["xyz", "nerf", "spherical_harmonics", "plane_waves"])
@pytest.mark.parametrize("pole", [90.0, -90.0])
def test_derivatives_at_the_poles_where_the_code_is_smooth_there(name, pole):
    enc = build(name)

    def over_the_pole(offset):  # a meridian, walked across the pole
        beyond = offset > 0
        latitude = pole * (1 - offset.abs() / 90)
        return enc(torch.stack((torch.where(beyond, -147.0, 33.0).to(offset), latitude), -1))

    step = torch.tensor([1e-4], dtype=torch.float64)
    numeric = (over_the_pole(step) - over_the_pole(-step)) / 2e-4
    lonlat = torch.tensor([[33.0, pole]], dtype=torch.float64, requires_grad=True)
    rows = [torch.autograd.grad(enc(lonlat)[0, i], lonlat, retain_graph=True)[0][0] for i in range(enc.dim)]
    analytic = torch.stack(rows)[:, 1] * np.sign(pole)
    torch.testing.assert_close(analytic, numeric[0], rtol=0, atol=1e-6)  # error of the central difference: step^2
    metric = distortion.metric_tensor(enc, [[0.0, pole], [120.0, pole]])
    assert np.isfinite(metric).all()
    np.testing.assert_allclose(metric[0], metric[1], rtol=1e-9)  # one frame, whatever longitude is given


@every_encoder
def test_float32_is_no_worse_than_rounding_the_location(name):
    """Against the exact code of the rounded place, only the rounding of the result itself is left."""
    finest = {"min_radius": 1e-6} if any(p.name == "min_radius" for p in encoders.spec(name).parameters) else {}
    enc = build(name, **finest)
    rounded = places(2000).float()
    exact = enc(rounded.double())
    error = (enc(rounded).double() - exact).abs().max()
    moved = (enc(places(2000)) - exact).abs().max()
    own = 4 * torch.finfo(torch.float32).eps * exact.abs().max()  # a few roundings of the result
    assert error <= max(moved, own)
    assert error <= 1e-5 * exact.abs().max()


@pytest.mark.parametrize(("name", "tolerance"), [("xyz", 1e-13), ("spherical_harmonics", 1e-12)])
@given(a=lonlats(), b=lonlats(), seed=st.integers(0, 50))
@settings(max_examples=50, deadline=None)
def test_similarity_is_invariant_under_rotation(name, tolerance, a, b, seed):
    enc, turn = build(name), rotation(seed)
    turned = [sphere.to_lonlat(sphere.to_unit_vectors(p) @ turn.T) for p in (a, b)]
    dot = [float(enc(torch.from_numpy(p)) @ enc(torch.from_numpy(q))) for p, q in ((a, b), turned)]
    assert dot[0] == pytest.approx(dot[1], abs=tolerance * max(1, enc.dim))


@every_encoder
def test_card_is_complete(name):
    spec = encoders.spec(name)
    assert spec.title
    assert spec.summary.endswith(".")
    assert spec.reference
    for parameter in spec.parameters:
        assert parameter.help.endswith(".")
        assert parameter.check(parameter.default) == parameter.default
        assert parameter.kind is str or (parameter.low is not None and parameter.high is not None)


BAD_LOCATIONS = [
    (torch.tensor([[0.0, float("nan")]]), ValueError, "not finite"),
    (torch.tensor([[float("inf"), 0.0]]), ValueError, "not finite"),
    (torch.tensor([[10.0, 20.0], [45.0, 100.0]]), ValueError, "swapped"),
    (torch.tensor([[500.0, -95.0]]), ValueError, "-95"),
    (torch.zeros(4, 3), ValueError, "unit vectors"),
    (torch.zeros(4), ValueError, r"\(4,\)"),
    (torch.tensor(1.0), ValueError, r"\(\)"),
    (torch.zeros(2, 2, dtype=torch.int64), TypeError, "int64"),
    (torch.zeros(2, 2, dtype=torch.float16), TypeError, "float16"),
    (np.zeros((2, 2)), TypeError, "ndarray"),
]


@every_encoder
@pytest.mark.parametrize(("lonlat", "error", "words"), BAD_LOCATIONS)
def test_bad_locations_are_named(name, lonlat, error, words):
    with pytest.raises(error, match=words):
        build(name)(lonlat)


BAD_PARAMETERS = [
    ("sphereM", {"min_radius": 2.0}, "min_radius=2 must be below max_radius=1"),
    ("sphereM", {"scales": 0}, "scales=0 is outside its range; allowed is a whole number from 1 to 128"),
    ("sphereM", {"scales": 2.5}, "scales=2.5 is not a whole number"),
    ("sphereM", {"min_radius": float("nan")}, "not finite"),
    ("sphereM", {"frequencies": "even"}, "geometric, integer, odd"),
    ("sphereM", {"scale": 3}, "no parameter 'scale'"),
    ("spherical_harmonics", {"degree": 101}, "from 1 to 100"),
    ("wrap", {"latitude": "lat"}, "stretched, true"),
    ("sphere", {}, "sphereC"),
]


@pytest.mark.parametrize(("name", "params", "words"), BAD_PARAMETERS)
def test_impossible_parameters_are_named(name, params, words):
    with pytest.raises(ValueError, match=words):
        encoders.encoder(name, **params)


def test_special_places_are_on_the_sphere():
    assert (np.abs(SPECIAL[:, 1]) == 90).sum() >= 4
    assert (np.abs(SPECIAL[:, 0]) == 180).sum() >= 4


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.int64, torch.complex64, torch.bool])
def test_other_dtypes_are_named(dtype):
    with pytest.raises(TypeError, match=rf"lonlat has dtype {dtype}; it must be float32 or float64"):
        build("xyz")(torch.zeros(3, 2).to(dtype))


@pytest.mark.parametrize(
    ("lonlat", "words"),
    [
        ([[10.0, 90.00001]], r"row 0 has latitude 90.00001, .* a pole, rounded to beyond it: clip"),
        ([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 98.5]]], r"row 1, 1 has latitude 98.5, .* swapped"),
        ([10.0, 99.0], r"^lonlat has latitude 99.0"),
        ([[200.0, 1.0], [600.0, 400.0]], r"row 1 has latitude 400.0, .* metres"),
    ],
)
def test_the_bad_place_and_the_likely_mistake_are_named(lonlat, words):
    with pytest.raises(ValueError, match=words):
        build("xyz")(torch.tensor(lonlat, dtype=torch.float64))


def test_views_that_torch_evaluates_late_are_read_right():
    lonlat = places(20)
    torch.testing.assert_close(build("sphereM")(torch._neg_view(lonlat)), build("sphereM")(-lonlat), rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_memory_of_a_large_result_is_one_piece_that_begins_with_a_large_page(dtype):
    for rows, columns in ((1, 10), (1100, 1000), (1088, 5003), (2000, 4096)):
        made = empty_result(rows, columns, torch.empty(0, dtype=dtype))
        assert (made.shape, made.dtype) == ((rows, columns), dtype)
        assert made.is_contiguous()
        assert made.untyped_storage().nbytes() == rows * columns * dtype.itemsize
        if made.nbytes >= 1 << 24:
            assert made.data_ptr() % (1 << 21) == 0
        made[-1, -1] = 1.0
        assert made[-1, -1] == 1.0
