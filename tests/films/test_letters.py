from yozora.films.letters import LINE, write


def test_text_is_ink_on_white_and_is_cut_at_the_edge() -> None:
    line = write("a red car driving left on the beach at night, 3 of 4", 60, (10, 20, 30))
    assert line.shape == (LINE, 60, 3)
    assert {tuple(pixel) for pixel in line.reshape(-1, 3).tolist()} == {(255, 255, 255), (10, 20, 30)}


def test_accents_are_dropped_and_unknown_letters_left_blank() -> None:
    assert (write("Ñandú", 60, (0, 0, 0)) == write("nandu", 60, (0, 0, 0))).all()
    assert (write("红", 60, (0, 0, 0)) == 255).all()
