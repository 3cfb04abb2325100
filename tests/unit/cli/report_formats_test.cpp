#include "cli/render/report_formats.hpp"

#include "core/base/json.hpp"

#include <doctest/doctest.h>

using namespace pier;

namespace {

Diagnostics example() {
  Diagnostics diagnostics;
  diagnostics.error("PIER1001", "bad <value>: 50%", {{"a,b.yml", 3, 5, 3, 9}}, "line one\nline two");
  diagnostics.warning("PIER1002", "odd");
  return diagnostics;
}

} // namespace

TEST_CASE("report: github workflow commands escape properties and text") {
  CHECK(cli::render_report("github", example().all()) ==
        "::error file=a%2Cb.yml,line=3,col=5,title=PIER1001::bad <value>: 50%25%0Aline one%0Aline two\n"
        "::warning file=databricks.yml,line=1,col=1,title=PIER1002::odd\n");
}

TEST_CASE("report: sarif, gitlab and json are JSON with every diagnostic") {
  const auto sarif = Json::parse(cli::render_report("sarif", example().all()));
  REQUIRE(sarif);
  const auto& run = sarif->find("runs")->as_array().at(0);
  CHECK(run.find("results")->size() == 2);
  CHECK(run.find("results")->as_array()[0].get_string("level") == "error");
  CHECK(run.find_path({"tool", "driver", "rules"})->size() == 2);
  const auto gitlab = Json::parse(cli::render_report("gitlab", example().all()));
  REQUIRE(gitlab);
  CHECK(gitlab->as_array()[0].find_path({"location", "lines", "begin"})->as_integer() == 3);
  CHECK(gitlab->as_array()[0].get_string("fingerprint") != gitlab->as_array()[1].get_string("fingerprint"));
  CHECK(Json::parse(cli::render_report("json", example().all()))->find("diagnostics")->size() == 2);
}

TEST_CASE("report: junit escapes XML and passes when there is nothing") {
  const auto text = cli::render_report("junit", example().all());
  CHECK(text.find("bad &lt;value&gt;") != std::string::npos);
  CHECK(text.find("tests=\"2\" failures=\"1\"") != std::string::npos);
  CHECK(cli::render_report("junit", {}).find("name=\"valid\"/>") != std::string::npos);
}
