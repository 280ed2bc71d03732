"""``comotion dash``: loads, step by step and whole, as a shell script sees them."""

import json

import pytest

CSV = "id,name,salary\n1,Ann,100.5\n2,Bo,\n3,Cy,12344.5\n"


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(CSV, "utf-8")
    return path


def tree_of(folder, **texts):
    """A tree with one file for each table."""
    for table, text in texts.items():
        (folder / "tree" / table).mkdir(parents=True)
        (folder / "tree" / table / "a.csv").write_text(text, "utf-8")
    return folder / "tree"


def test_a_load_is_made_filled_committed_and_watched_step_by_step(comotion, people, fake):
    made = comotion("dash", "create-load", "people", "-s", "0")
    load_id = made.out.strip()
    assert (made.code, made.err) == (0, "")
    uploaded = comotion("dash", "upload-file", people, "-l", load_id, "-k", "may")
    assert uploaded.code == 0, uploaded.err
    assert "3 rows" in uploaded.out
    committed = comotion("dash", "commit-load", "-l", load_id, "-c", "sum(salary)", "12445", "-c", "count(*)", "3")
    assert (committed.code, committed.out) == (0, "Load committed\n")
    assert comotion("dash", "wait-load", "-l", load_id).out == "SUCCESS\n"
    info = comotion("dash", "get-load-info", "-l", load_id)
    assert (info.code, info.out, info.err) == (0, "SUCCESS\n", "")
    assert len(fake.tables["people"]) == 3


def test_a_file_of_one_part_goes_under_exactly_the_key_given(comotion, people, fake):
    load_id = comotion("dash", "create-load", "people", "-s", "0").out.strip()
    comotion("dash", "upload-file", people, "-l", load_id, "-k", "may")
    tickets = [entry for entry in fake.requests if entry.operation == "file_ticket"]
    assert [json.loads(entry.body) for entry in tickets] == [{"file_key": "may"}]


def test_without_a_key_the_service_names_the_file(comotion, people, fake):
    load_id = comotion("dash", "create-load", "people", "-s", "0").out.strip()
    comotion("dash", "upload-file", people, "-l", load_id)
    tickets = [entry for entry in fake.requests if entry.operation == "file_ticket"]
    assert [json.loads(entry.body) for entry in tickets] == [{}]


def test_a_load_whose_sums_differ_is_reported_and_the_table_is_as_before(comotion, people, fake):
    load_id = comotion("dash", "create-load", "people", "-s", "0").out.strip()
    comotion("dash", "upload-file", people, "-l", load_id)
    comotion("dash", "commit-load", "-l", load_id, "-c", "sum(salary)", "1")
    waited = comotion("dash", "wait-load", "-l", load_id)
    assert (waited.code, waited.out) == (7, "FAIL\n")
    info = comotion("dash", "get-load-info", "-l", load_id)
    assert (info.code, info.out) == (0, "FAIL\n")
    assert "sum(salary)" in info.err
    assert "people" not in fake.tables


def test_each_reason_of_a_failed_load_is_one_line_of_standard_error(comotion, people, fake):
    fake.faults.fail_load(["the cluster\nis down", "twice"])
    load_id = comotion("dash", "create-load", "people", "-s", "0").out.strip()
    comotion("dash", "upload-file", people, "-l", load_id)
    comotion("dash", "commit-load", "-l", load_id, "-c", "count(*)", "3")
    assert comotion("dash", "get-load-info", "-l", load_id).err == "the cluster is down\ntwice\n"


def test_a_whole_upload_is_one_command(comotion, people, fake):
    ran = comotion("dash", "upload", people, "--table", "people", "-s", "0", "-c", "sum(salary)", "12445")
    assert ran.code == 0, ran.err
    assert "3 rows" in ran.out
    assert "SUCCESS" in ran.out
    assert fake.sql("select sum(salary) as s from people").to_pylist() == [{"s": 12445.0}]


def test_an_upload_whose_sums_differ_ends_with_seven(comotion, people, fake):
    ran = comotion("dash", "upload", people, "--table", "people", "-s", "0", "-c", "sum(salary)", "1")
    assert ran.code == 7
    assert ran.err.startswith("Error: ")
    assert ran.err.count("\n") == 1
    assert "people" not in fake.tables


def test_a_directory_is_loaded_and_what_is_no_table_is_named(comotion, tmp_path, fake):
    folder = tmp_path / "people"
    folder.mkdir()
    (folder / "a.csv").write_text(CSV, "utf-8")
    (folder / "b.csv").write_text(CSV, "utf-8")
    (folder / "README.md").write_text("# People\n", "utf-8")
    ran = comotion("dash", "upload", folder, "--table", "people", "-s", "0")
    assert ran.code == 0, ran.err
    assert "README.md" in ran.err
    assert len(fake.tables["people"]) == 6


def test_a_dry_run_sends_nothing_and_writes_what_would_be_sent(comotion, people, fake, tmp_path):
    import pyarrow.parquet as pq

    ran = comotion("dash", "upload", people, "--table", "people", "-s", "0", "--dry-run", tmp_path / "out")
    assert ran.code == 0, ran.err
    written = list((tmp_path / "out").iterdir())
    assert [path.suffix for path in written] == [".parquet"]
    assert pq.read_table(written[0]).num_rows == 3
    assert [entry.operation for entry in fake.requests] == []


def test_a_dry_run_of_a_tree_says_that_nothing_was_sent(comotion, people, fake, tmp_path):
    tree = tree_of(tmp_path, cats=CSV, dogs=CSV.replace("100.5", "0"))
    sums = [word for table in ("cats", "dogs") for word in ("-c", table, "sum(salary)", "12445")]
    out = tmp_path / "out"
    ran = comotion("dash", "upload-tree", tree, "-s", "0", *sums, "--dry-run", out)
    assert ran.code == 7
    written, sent, failed = ran.out.splitlines()
    assert written == "cats: SUCCESS, 3 rows"
    assert sent.startswith("dry run, nothing was sent; ")
    assert failed.startswith("dogs: FAIL, 3 rows: ")
    assert list(fake.requests) == []


def test_a_tree_loads_each_directory_into_its_table_and_says_what_failed(comotion, tmp_path, fake):
    tree = tree_of(tmp_path, cars=CSV, dogs=CSV, junk="")
    ran = comotion("dash", "upload-tree", tree, "-s", "0")
    assert ran.code == 1
    assert "cars" in ran.out
    assert "dogs" in ran.out
    assert "junk" in ran.out + ran.err
    assert (len(fake.tables["cars"]), len(fake.tables["dogs"])) == (3, 3)
    assert "junk" not in fake.tables


def test_a_directory_without_a_table_leaves_no_load_behind(comotion, tmp_path, fake):
    tree = tree_of(tmp_path, **{"cars": CSV, "junk": "", "No Table": CSV})
    ran = comotion("dash", "upload-tree", tree, "-s", "0")
    assert ran.code == 1
    assert "junk: NOT ATTEMPTED" in ran.out
    assert "No Table: NOT ATTEMPTED" in ran.out
    assert comotion("dash", "upload", tree / "junk", "--table", "junk", "-s", "0").code == 1
    opened = [json.loads(entry.body)["table_name"] for entry in fake.requests if entry.operation == "create_load"]
    assert opened == ["cars"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("empty.csv", "", "empty"),
        ("ragged.csv", "a,b\n1,2\n3,4,5\n", "line 3"),
        ("picture.csv", "\x89PNG\r\n\x1a\n\x00\x00", "picture.csv"),
    ],
)
def test_a_file_that_is_no_table_is_one_clear_sentence_and_nothing_is_committed(
    comotion, tmp_path, fake, name, text, said
):
    path = tmp_path / name
    path.write_bytes(text.encode("latin-1"))
    ran = comotion("dash", "upload", path, "--table", "people", "-s", "0")
    assert ran.code == 1
    assert ran.err.startswith("Error: ")
    assert ran.err.count("\n") == 1
    assert said in ran.err
    assert not [entry for entry in fake.requests if entry.operation == "commit_load"]


def test_a_file_that_is_given_twice_is_refused_before_a_row_is_doubled(comotion, people, fake):
    ran = comotion("dash", "upload", people, people.parent, "--table", "people", "-s", "0")
    assert ran.code == 2
    assert "people.csv is given twice" in ran.err
    assert not fake.requests.of("file_ticket")


def test_a_load_without_a_service_client_names_the_option(comotion, people):
    ran = comotion("dash", "upload", people, "--table", "people")
    assert ran.code == 3
    assert "--load-as-service-client" in ran.err


def test_a_missing_file_is_a_usage_error(comotion):
    ran = comotion("dash", "upload", "nowhere.csv", "--table", "people")
    assert ran.code == 2
    assert "nowhere.csv" in ran.err


def test_a_wrong_table_name_is_refused_with_one_that_works(comotion, people, fake):
    ran = comotion("dash", "upload", people, "--table", "My People", "-s", "0")
    assert ran.code == 1
    assert "'my_people'" in ran.err
    assert len(fake.requests) == 0


def test_no_network_is_exit_five(comotion, people, surroundings):
    surroundings.setenv("COMOTION_API_URL", "http://127.0.0.1:9/v2")
    surroundings.setenv("COMOTION_ISSUER", "http://127.0.0.1:9")
    ran = comotion("dash", "start-query", "select 1")
    assert ran.code == 5
    assert ran.err.startswith("Error: ")


def test_waiting_for_a_load_that_nobody_committed_is_an_error(comotion):
    load_id = comotion("dash", "create-load", "people", "-s", "0").out.strip()
    ran = comotion("dash", "wait-load", "-l", load_id)
    assert (ran.code, ran.out) == (1, "OPEN\n")
    assert "until it is committed" in ran.err


def test_a_time_out_leaves_the_work_going_and_ends_with_six(comotion, people, fake):
    from comotion.adapters.fake_dash.progress import Pace

    fake.manners.load_pace = Pace(seconds=3600)
    ran = comotion("dash", "upload", people, "--table", "people", "-s", "0", "--timeout", "0.2")
    assert ran.code == 6
    assert ran.err.startswith("Error: ")


def test_a_damaged_table_in_a_directory_fails_it_instead_of_being_left_out(comotion, tmp_path, fake):
    folder = tmp_path / "people"
    folder.mkdir()
    (folder / "a.csv").write_text(CSV, "utf-8")
    (folder / "b.csv").write_text("id,name\n1,2\n3,4,5\n", "utf-8")
    ran = comotion("dash", "upload", folder, "--table", "people", "-s", "0")
    assert ran.code == 1
    assert "b.csv" in ran.err
    assert "people" not in fake.tables


def test_separators_dates_and_marks_of_nothing_are_said_on_the_command_line(comotion, tmp_path, fake):
    path = tmp_path / "people.csv"
    path.write_text("id;start;paid\n1;02/03/2024;1,5\n2;-;-\n", "utf-8")
    reading = ["--sep", ";", "--decimal", ",", "--na", "-", "--parse-dates", "start", "--date-format", "%d/%m/%Y"]
    ran = comotion("dash", "upload", path, "--table", "people", "-s", "0", *reading)
    assert ran.code == 0, ran.err
    assert fake.sql("select cast(start as varchar) as start, paid from people order by id").to_pylist() == [
        {"start": "2024-03-02 00:00:00.000000", "paid": 1.5},
        {"start": None, "paid": None},
    ]


def test_a_file_for_an_open_load_is_read_with_the_same_options(comotion, tmp_path, fake):
    path = tmp_path / "people.csv"
    path.write_text("id;name\n007;Ann\n", "utf-8")
    load_id = comotion("dash", "create-load", "people", "-s", "0").out.strip()
    ran = comotion("dash", "upload-file", path, "-l", load_id, "--sep", ";", "--dtype", "id", "str")
    assert ran.code == 0, ran.err
    comotion("dash", "commit-load", "-l", load_id, "-c", "min(id)", "007")
    assert comotion("dash", "wait-load", "-l", load_id).out == "SUCCESS\n"


@pytest.mark.parametrize(("name", "text"), [("CHECK_SUM", "count(*) 3 sum(salary)"), ("DTYPE", "salary")])
def test_a_word_too_few_in_the_environment_is_a_wrong_command_line(comotion, people, fake, surroundings, name, text):
    surroundings.setenv(f"COMOTION_DASH_UPLOAD_{name}", text)
    ran = comotion("dash", "upload", people, "--table", "people", "-s", "0")
    assert (ran.code, ran.out) == (2, "")
    assert "in the environment, 2 are one. See `comotion dash upload --help`." in ran.err
    assert not fake.requests.of("create_load")


def test_check_sums_may_stand_in_the_environment(comotion, people, surroundings):
    surroundings.setenv("COMOTION_DASH_UPLOAD_CHECK_SUM", "count(*) 3 max(id) 4")
    ran = comotion("dash", "upload", people, "--table", "people", "-s", "0")
    assert (ran.code, ran.out) == (7, "")
    assert "max(id): expected 4, found 3" in ran.err


def test_an_option_that_a_file_does_not_take_is_named_as_the_command_has_it(comotion, people):
    ran = comotion("dash", "upload", people, "--table", "people", "-s", "0", "--sheet", "one")
    assert (ran.code, ran.err) == (1, "Error: --sheet is no argument of pandas.read_csv\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"id;name\n1;Ann\n", "pass --sep ';'"),
        (b"id,name\n1,Jos\xe9\n", "pass the --encoding the file was written with, for example --encoding cp1252"),
        (b"id,name\n1,Ann,x\n", "or pass the --sep that the file is written with"),
    ],
)
def test_what_to_do_about_a_file_is_said_in_options_of_the_command(comotion, tmp_path, text, said):
    path = tmp_path / "people.csv"
    path.write_bytes(text)
    ran = comotion("dash", "upload", path, "--table", "people", "-s", "0")
    assert ran.code == 1
    assert said in ran.err


def test_a_warning_names_options_of_the_command_too(comotion, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("policy no,name\n007,Ann\n", "utf-8")
    ran = comotion("dash", "upload", path, "--table", "people", "-s", "0")
    assert ran.code == 0
    assert "pass --dtype 'policy no' str to keep them" in ran.err


def test_a_commit_without_a_check_sum_is_a_usage_error(comotion):
    ran = comotion("dash", "commit-load", "-l", "some_load")
    assert ran.code == 2
    assert "--check_sum" in ran.err


@pytest.fixture
def tree(tmp_path):
    return tree_of(tmp_path, cars=CSV, dogs=CSV)


def test_each_table_of_a_tree_has_check_sums_of_its_own(comotion, tree, fake):
    sums = ["-c", "cars", "sum(salary)", "12445", "-c", "dogs", "sum(salary)", "1", "-c", "dogs", "max(id)", "3"]
    ran = comotion("dash", "upload-tree", tree, "-s", "0", *sums)
    assert ran.code == 7
    assert ran.out.splitlines()[0] == "cars: SUCCESS, 3 rows"
    assert "Check sum sum(salary): expected 1" in ran.out.splitlines()[1]
    assert "dogs" not in fake.tables


def test_a_check_sum_of_no_table_of_the_tree_is_refused_before_anything_is_sent(comotion, tree, fake):
    ran = comotion("dash", "upload-tree", tree, "-s", "0", "-c", "cats", "sum(salary)", "1")
    assert ran.code == 2
    assert "'cats'" in ran.err
    assert len(fake.requests) == 0


def test_a_wrong_command_line_names_the_help_to_read(comotion, people):
    ran = comotion("dash", "upload", people)
    assert ran.code == 2
    assert ran.err == "Error: Missing option '--table'. See `comotion dash upload --help`.\n"
