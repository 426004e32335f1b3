"""ListJobs: its defaults, its filters, its pages."""

import json

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException

from dlcapply.emulator import Clock, Emulator, Switches, User
from dlcapply.emulator.clock import wire_time

DAY = 86_400
BEGINNING = "2000-01-01T00:00:00Z"


def ago(emulator, seconds):
    return wire_time(emulator.now() - seconds)


def test_without_start_time_only_seven_days_are_listed(emulator, call):
    emulator.seed(
        {"DisplayName": "old", "GmtCreateTime": ago(emulator, 7 * DAY + 60)},
        {"DisplayName": "new", "GmtCreateTime": ago(emulator, 7 * DAY - 60)},
    )

    assert call.names() == ["new"]
    assert call.names(StartTime=BEGINNING) == ["new", "old"]


def test_times_bound_the_creation_and_include_their_second(emulator, call):
    emulator.seed(*({"DisplayName": str(age), "GmtCreateTime": ago(emulator, age)} for age in (30, 20, 10)))
    emulator.turn(0.7)
    emulator.seed({"DisplayName": "0"})

    assert call.names(StartTime=ago(emulator, 20.7), EndTime=ago(emulator, 10.7)) == ["10", "20"]
    assert call.names(EndTime=wire_time(emulator.now())) == ["0", "10", "20", "30"]


def test_only_own_jobs_are_listed_by_default(emulator, call, colleague):
    emulator.seed(
        {"DisplayName": "mine", "UserId": "1000000000000002", "Accessibility": "PUBLIC"},
        {"DisplayName": "hidden"},
        {"DisplayName": "open", "Accessibility": "PUBLIC"},
    )

    assert colleague.names() == ["mine"]
    assert colleague.names(ShowOwn="false") == ["open", "mine"]
    assert colleague.names(ShowOwn="False") == ["open", "mine"]
    assert call.names() == ["open", "hidden"]
    assert call.names(ShowOwn=False) == ["open", "hidden", "mine"]


def test_an_administrator_sees_private_jobs_of_others(connect):
    with Emulator(clock=Clock.still(), users={"boss": User("s", "7", administrator=True)}) as emulator:
        job_id = emulator.seed({"DisplayName": "hidden", "UserId": "8"})[0]
        boss = connect(emulator, "boss", "s")

        assert boss.names(ShowOwn=False) == ["hidden"]
        assert boss.get(job_id)["DisplayName"] == "hidden"


def test_names_match_in_part_and_in_any_case(emulator, call):
    emulator.seed(
        *({"DisplayName": name} for name in ("test-job1", "job-test", "job-Test", "job-t1", "te%t"))
    )

    assert set(call.names(DisplayName="TEST")) == {"test-job1", "job-test", "job-Test"}
    assert call.names(DisplayName="te%t") == ["te%t"]


def test_tags_match_whole_and_all_of_them(emulator, call):
    emulator.seed(
        {"DisplayName": "both", "Settings": {"Tags": {"a.b": "1", "c": "2"}}},
        {"DisplayName": "one", "Settings": {"Tags": {"a.b": "1"}}},
        {"DisplayName": "none"},
    )

    assert call.names(Tags=json.dumps({"a.b": "1"})) == ["one", "both"]
    assert call.names(Tags=json.dumps({"a.b": "1", "c": "2"})) == ["both"]
    assert call.names(Tags=json.dumps({"a.b": ""})) == []


def test_filters_by_id_type_status_and_workspace(emulator, call):
    first, second, _ = emulator.seed(
        {"DisplayName": "a", "JobType": "TFJob", "Status": "Running"},
        {"DisplayName": "b", "Status": "Queuing"},
        {"DisplayName": "c", "WorkspaceId": "1002"},
    )

    assert call.names(JobId=first.upper()) == ["a"]
    assert call.names(JobIds=f"{second},{first}") == ["b", "a"]
    assert call.names(JobId=first, JobIds=second) == ["a"]
    assert call.names(JobType="TFJob") == ["a"]
    assert call.names(Status="Running") == ["a"]
    assert call.names(WorkspaceId="1002") == ["c"]
    assert call.names() == ["b", "a"]


@pytest.mark.parametrize(
    "query", [{"Status": "running"}, {"Status": "Running,Failed"}, {"JobType": "Custom"}]
)
def test_what_no_job_can_have_is_a_mistake(emulator, call, refusal, query):
    emulator.seed({"DisplayName": "a", "Status": "Running"})
    with pytest.raises(ClientException) as error:
        call.list(**query)
    assert refusal(error) == (400, "InvalidParameter")


def test_a_status_filter_follows_the_clock(emulator, call, a_body):
    call.create(**a_body())
    emulator.turn(1)

    assert call.names(Status="Queuing") == ["resnet"]
    assert call.names(Status="Creating") == []


@pytest.mark.parametrize(
    ("key", "ascending"),
    [
        ("DisplayName", ["a", "b", "c"]),
        ("JobType", ["c", "b", "a"]),
        ("Status", ["b", "c", "a"]),
        ("GmtCreateTime", ["b", "a", "c"]),
        ("GmtFinishTime", ["c", "b", "a"]),
    ],
)
def test_every_sort_key_in_both_orders(emulator, call, key, ascending):
    def seed(name, **facts):
        return {"DisplayName": name, **facts}

    emulator.seed(
        seed("b", JobType="TFJob", Status="Failed", GmtCreateTime=ago(emulator, 300)),
        seed("a", JobType="XGBoostJob", Status="Succeeded", GmtCreateTime=ago(emulator, 200)),
        seed("c", JobType="PyTorchJob", Status="Running", GmtCreateTime=ago(emulator, 100)),
    )

    assert call.names(SortBy=key, Order="asc") == ascending
    assert call.names(SortBy=key) == ascending[::-1]


def test_pages_are_disjoint_and_complete(emulator, call):
    emulator.seed(*({"DisplayName": f"job{number}"} for number in range(25)))

    pages = [call.names(PageNumber=number, Order="asc") for number in (1, 2, 3, 4)]

    assert [len(page) for page in pages] == [10, 10, 5, 0]
    assert [name for page in pages for name in page] == [f"job{number}" for number in range(25)]
    assert call.list(PageSize=1)["TotalCount"] == 25
    assert len(call.names(PageSize=100)) == 25


@pytest.mark.parametrize(
    "query",
    [
        {"PageSize": 101},
        {"PageSize": 0},
        {"PageNumber": 1001},
        {"PageNumber": "x"},
        {"Order": "up"},
        {"SortBy": "Priority"},
        {"Tags": "a=b"},
        {"Tags": '["a"]'},
        {"StartTime": "yesterday"},
    ],
)
def test_a_query_that_cannot_be_read_is_refused(call, refusal, query):
    with pytest.raises(ClientException) as error:
        call.list(**query)

    assert refusal(error) == (400, "InvalidParameter")


def test_new_jobs_are_listed_after_the_lag(connect, a_body):
    with Emulator(clock=Clock.still(), switches=Switches(list_lag=5)) as emulator:
        call = connect(emulator)
        job_id = call.create(**a_body())

        assert call.list()["TotalCount"] == 0
        assert call.get(job_id)["JobId"] == job_id
        emulator.turn(5)
        assert call.names() == ["resnet"]


@pytest.fixture
def shelf(emulator):
    """Three jobs that differ in all that can be filtered by."""
    spec = {"EcsSpec": "ecs.g6.large", "Image": "registry/Torch:1"}
    nodes = {"AssignNodeSpec": {"EnableAssignNode": True, "NodeNames": "node-1"}}
    spot = {"SpotSpec": {"SpotStrategy": "SpotWithPriceLimit", "SpotDiscountLimit": 0.5}}
    emulator.seed(
        {
            "DisplayName": "one",
            "ResourceId": "quota1a2b3c4d5e6",
            "TemplateId": "t-1",
            "JobSpecs": [nodes],
            "Settings": {
                "BusinessUserId": "b-1",
                "Caller": "pipeline",
                "PipelineId": "p-1",
                "OversoldType": "ForceQuotaOverSold",
            },
        },
        {"DisplayName": "two", "Description": "Nightly RUN", "JobSpecs": [{**spec, **spot}]},
        {"DisplayName": "three", "UserCommand": "bash Train.sh", "Accessibility": "PUBLIC", "UserId": "8"},
    )


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"ResourceId": "quota1a2b3c4d5e6"}, {"one"}),
        ({"ResourceIds": "quota1a2b3c4d5e6,other"}, {"one"}),
        ({"ResourceQuotaName": "RESEARCH"}, {"one"}),
        ({"ResourceQuotaName": "lingjun"}, set()),
        ({"TemplateId": "t-1"}, {"one"}),
        ({"BusinessUserId": "b-1"}, {"one"}),
        ({"Caller": "pipeline"}, {"one"}),
        ({"PipelineId": "p-2"}, set()),
        ({"EnableAssignNode": "true"}, {"one"}),
        ({"EnableAssignNode": "false"}, {"two", "three"}),
        ({"OversoldInfo": "ForceQuotaOverSold"}, {"one"}),
        ({"OversoldInfo": "ForbiddenQuotaOverSold"}, set()),
        ({"PaymentType": "PrePaid"}, {"one"}),
        ({"PaymentType": "Spot"}, {"two"}),
        ({"PaymentType": "PostPaid"}, {"three"}),
        ({"Description": "nightly"}, {"two"}),
        ({"ImageSearch": "torch"}, {"two"}),
        ({"UserCommandSearch": "train.SH"}, {"three"}),
        ({"ReasonSearch": "reclaimed"}, set()),
        ({"Accessibility": "PUBLIC"}, {"three"}),
        ({"UserIdForFilter": "8"}, {"three"}),
        ({"Username": "0001"}, {"one", "two"}),
        ({"Username": "nobody"}, set()),
        ({"DisplayName": "T", "DisplayNameSearchMode": "exact"}, {"two", "three"}),
    ],
)
@pytest.mark.usefixtures("shelf")
def test_every_documented_filter_filters(call, query, names):
    assert set(call.names(ShowOwn=False, **query)) == names


def test_reasons_are_searched_as_they_are_now(emulator, call, a_body):
    call.create(**a_body(UserCommand="exit 137"))
    assert call.names(ReasonSearch="out of MEMORY") == []
    emulator.turn(100)

    assert call.names(ReasonSearch="out of MEMORY") == ["resnet"]


def test_own_jobs_are_found_in_all_workspaces(emulator, call, refusal):
    emulator.seed({"DisplayName": "here"}, {"DisplayName": "there", "WorkspaceId": "1002"})

    assert call.names(FromAllWorkspaces=True) == ["there", "here"]
    with pytest.raises(ClientException) as error:
        call.list(FromAllWorkspaces=True, ShowOwn=False)
    assert refusal(error) == (400, "InvalidParameter")


def test_members_of_a_workspace_alone_see_it(connect, refusal):
    users = {"in": User("s", "7"), "out": User("s", "8", workspaces=("1002",))}
    with Emulator(clock=Clock.still(), users=users) as emulator:
        (job_id,) = emulator.seed({"Accessibility": "PUBLIC"})
        outsider = connect(emulator, "out", "s")

        for ask in (lambda: outsider.list(WorkspaceId="1001"), lambda: outsider.create(WorkspaceId="1001")):
            with pytest.raises(ClientException) as error:
                ask()
            assert refusal(error)[0] in {400, 403}
        with pytest.raises(ClientException) as error:
            outsider.get(job_id)
        assert refusal(error) == (404, "NotFound")
        assert outsider.list(WorkspaceId="1002")["TotalCount"] == 0


def listed(connect, seeds, query, **switches):
    with Emulator(clock=Clock.still(), switches=Switches(**switches)) as emulator:
        emulator.seed(*seeds)
        emulator.turn(50)
        return connect(emulator).names(**query)


def test_an_exact_mode_is_a_switch(connect):
    names, query = ({"DisplayName": "a"}, {"DisplayName": "ab"}), {"DisplayName": "a"}

    assert listed(connect, names, {**query, "DisplayNameSearchMode": "Exact"}, exact_name_mode="Exact") == [
        "a"
    ]
    assert listed(connect, names, query, exact_name_mode="Exact") == ["ab", "a"]


def test_who_is_shown_by_default_is_a_switch(connect):
    seeds = ({"DisplayName": "other", "UserId": "8", "Accessibility": "PUBLIC"},)

    assert listed(connect, seeds, {}) == []
    assert listed(connect, seeds, {}, show_own_by_default=False) == ["other"]


def test_jobs_are_kept_for_a_while_after_their_end(connect):
    seeds = ({"DisplayName": "ended", "Status": "Succeeded"}, {"DisplayName": "active", "Status": "Running"})

    assert listed(connect, seeds, {}, retention=60) == ["active", "ended"]
    assert listed(connect, seeds, {}, retention=40) == ["active"]


@pytest.mark.parametrize("shows", [True, False])
def test_deleted_jobs_are_listed_where_a_switch_says_so(connect, shows):
    with Emulator(clock=Clock.still(), switches=Switches(show_deleted=shows)) as emulator:
        (job_id,) = emulator.seed({"Status": "Succeeded"})
        call = connect(emulator)
        call("DELETE", f"/jobs/{job_id}")

        assert [job["IsDeleted"] for job in call.list()["Jobs"]] == [True] * shows
