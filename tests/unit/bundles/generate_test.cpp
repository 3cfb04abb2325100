#include "bundles/generate/resource_config.hpp"
#include "bundles/yaml/scalar_style.hpp"
#include "bundles/yaml/writer.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::bundles;

namespace {

Json json(std::string_view text) {
  return *Json::parse(text);
}

std::string yaml(std::string_view text) {
  return write_yaml(json(text), {});
}

} // namespace

TEST_CASE("yaml writer: blocks, empty ones, lists in lists") {
  CHECK(yaml(R"({"b": {"c": [1, {"d": true, "e": null}, [2]]}, "a": {}, "z": []})") ==
        "a: {}\nb:\n  c:\n    - 1\n    - d: true\n      e: null\n    - - 2\nz: []\n");
}

TEST_CASE("yaml writer: texts are quoted where they would be read as something else") {
  CHECK(yaml(R"({"a": "12", "b": "true", "c": "", "d": "1_000", "e": "0x1f", "f": "inf", "g": "12a"})") ==
        "a: \"12\"\nb: \"true\"\nc: \"\"\nd: \"1_000\"\ne: \"0x1f\"\nf: \"inf\"\ng: 12a\n");
  CHECK(yaml(R"({"a": "- x", "b": "x: y", "c": "x #y", "d": " x", "e": "it's", "f": "'q'", "g": "*"})") ==
        "a: '- x'\nb: 'x: y'\nc: 'x #y'\nd: ' x'\ne: it's\nf: '''q'''\ng: '*'\n");
  CHECK(yaml("{\"a\": \"tab\\there\", \"b\": \"\U0001F600\", \"c\": \"\\u0001\", \"d\": \"é\"}") ==
        "a: \"tab\\there\"\nb: \"\\U0001F600\"\nc: \"\\x01\"\nd: é\n");
}

TEST_CASE("yaml writer: lines stay lines unless blanks would be lost") {
  CHECK(yaml(R"({"a": "x\ny", "b": "x\n", "c": "x\n\n", "d": "\nx", "e": "x \ny"})") ==
        "a: |-\n  x\n  y\nb: |\n  x\nc: |+\n  x\n\nd: |2-\n\n  x\ne: \"x \\ny\"\n");
}

TEST_CASE("yaml writer: keys that do not fit a line stand alone") {
  const std::string key(130, 'k');
  CHECK(write_yaml(Json::object({{key, 1}}), {}) == "? " + key + "\n: 1\n");
  CHECK(yaml(R"({"a\nb": {"c": 1}})") == "? |-\n  a\n  b\n: c: 1\n");
}

TEST_CASE("yaml writer: order and quotes by member") {
  const YamlStyle style{.order = {.first = {"name"}}, .quoted = {"tags"}};
  CHECK(write_yaml(json(R"({"a": 1, "name": "n", "tags": {"k": 5, "l": ["v"]}})"), style) ==
        "name: n\na: 1\ntags:\n  \"k\": \"5\"\n  \"l\":\n    - \"v\"\n");
}

TEST_CASE("looks like value: numbers as Go reads them") {
  for (const auto* number :
       {"1", "-1", "+1", "017", "08", "1e5", ".5", "5.", "0b101", "0o17", "0x1p-2", "NaN", "1_0e3"}) {
    CAPTURE(number);
    CHECK(looks_like_value(number));
  }
  for (const auto* text :
       {".", "e5", "1e", "0x", "0b2", "1__0", "1_", "_1", "+nan", "1e400", "0xg", "-", "yes", "null"}) {
    CAPTURE(text);
    CHECK_FALSE(looks_like_value(text));
  }
}

TEST_CASE("generate: a job keeps what databricks.yml knows, in the official order") {
  const auto job = generate_job(json(R"({"job_id": 1, "creator_user_name": "me", "settings": {
    "format": "MULTI_TASK", "max_concurrent_runs": 0, "name": "night", "tags": {"team": "7"}, "nonsense": 1,
    "email_notifications": {}, "schedule": null, "description": null,
    "parameters": [{"default": "", "name": "day", "other": 1}],
    "tasks": [{"format": "x", "run_job_task": {"job_id": "12"}, "max_retries": 2, "task_key": "t",
               "depends_on": [{"task_key": "s"}]}]}})"));
  CHECK(write_resource(job, "k") == "resources:\n  jobs:\n    k:\n      name: night\n      tasks:\n"
                                    "        - task_key: t\n          depends_on:\n            - task_key: s\n"
                                    "          max_retries: 2\n          run_job_task:\n            job_id: 12\n"
                                    "      parameters:\n        - name: day\n          default: \"\"\n"
                                    "      description: \"\"\n      email_notifications: {}\n"
                                    "      max_concurrent_runs: 0\n      tags:\n        \"team\": \"7\"\n");
}

TEST_CASE("generate: a pipeline moves to its local root") {
  const auto pipeline = generate_pipeline(json(R"({"id": "1", "name": "p", "storage": "dbfs:/x", "development": true,
    "root_path": "/W/p", "libraries": [{"glob": {"include": "/W/p/**"}}], "run_as": {"user_name": "me"}})"),
                                          "/W/p", "../src");
  CHECK(write_resource(pipeline, "k") ==
        "resources:\n  pipelines:\n    k:\n      name: p\n      libraries:\n        - glob:\n"
        "            include: ../src/**\n      root_path: ../src\n");
}

TEST_CASE("generate: a Genie space names its folder in full") {
  const auto space = generate_genie_space(json(R"({"title": "T", "space_id": "1", "parent_path": "/Users/me"})"), "f");
  CHECK(write_resource(space, "k") == "resources:\n  genie_spaces:\n    k:\n      title: \"T\"\n"
                                      "      warehouse_id: \"\"\n      file_path: f\n"
                                      "      parent_path: /Workspace/Users/me\n");
}

TEST_CASE("key of name: letters and digits of any script, one underscore for the rest") {
  CHECK(key_of_name("  My Job -- v2! ") == "my_job_v2");
  CHECK(key_of_name("Größe É") == "größe_é");
  CHECK(key_of_name("***").empty());
}
