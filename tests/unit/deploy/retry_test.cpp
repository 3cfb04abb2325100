#include "core/deploy/retry.hpp"

#include <doctest/doctest.h>

#include <map>
#include <vector>

using pier::Error;
using pier::Result;
using namespace pier::deploy;

namespace {

class Warnings final : public Observer {
 public:
  void on_event(const Event& event) override { texts.push_back(event.text); }

  std::vector<std::string> texts;
};

struct Fixture {
  Fixture() {
    pier::workspace_client::Connection connection;
    connection.host = "http://127.0.0.1:1";
    pier::workspace_client::RestOptions options;
    options.env = pier::Environment(pier::Environment::Map{{"DATABRICKS_BUNDLE_RETRY_INTERVAL_MS", "0"}});
    client = std::make_unique<pier::workspace_client::RestClient>(std::move(connection), std::move(options));
  }

  /// How often a call is made that fails `failures` times with this status.
  int calls(int status, int failures) {
    int made = 0;
    last = Retry(*client, warnings, "planning resources.jobs.x")([&]() -> Result<void> {
      if (++made > failures) {
        return {};
      }
      return Error{
          .message = "no",
          .answer = std::make_shared<const pier::RestAnswer>(pier::RestAnswer{.endpoint = "GET http://h/api/2.0/x?y=z",
                                                                              .status = status,
                                                                              .reason = "Gateway Timeout",
                                                                              .error_code = {},
                                                                              .message = {}})};
    });
    return made;
  }

  Warnings warnings;
  std::unique_ptr<pier::workspace_client::RestClient> client;
  Result<void> last;
};

} // namespace

TEST_CASE("retry: what may pass is tried twice more, each time with a warning") {
  Fixture fixture;
  CHECK(fixture.calls(504, 1) == 2);
  CHECK(fixture.last);
  CHECK(fixture.warnings.texts ==
        std::vector<std::string>{"planning resources.jobs.x: retrying after 504 Gateway Timeout from GET /api/2.0/x"});
  CHECK(fixture.calls(500, 9) == 3);
  CHECK_FALSE(fixture.last);
}

TEST_CASE("retry: not what stays wrong, and not what the client repeats itself") {
  Fixture fixture;
  CHECK(fixture.calls(400, 9) == 1);
  CHECK(fixture.calls(503, 9) == 1);
  CHECK(fixture.warnings.texts.empty());
}
