#include "core/deploy/permission_report.hpp"

#include <doctest/doctest.h>

using namespace pier;

TEST_CASE("permission report: who may help") {
  model::Bundle bundle;
  model::CurrentUser user{.id = "1", .user_name = "me@x.test", .display_name = "Me"};
  user.profile = Json::parse(R"({"groups":[{"display":"team"}]})").value();
  const auto message = [&] { return deploy::possible_permission_error(bundle, user, "/Workspace/b/state").message; };
  CHECK(message().find("contact the owners of this project") != std::string::npos);
  bundle.permissions = Json::parse(R"([{"level":"CAN_MANAGE","group_name":"ops"},{"level":"CAN_VIEW","user_name":"v"},
                                       {"level":"CAN_MANAGE","user_name":"boss@x.test"}])")
                           .value();
  CHECK(message().find("unable to deploy to /Workspace/b/state as me@x.test.\nPlease make sure") == 0);
  CHECK(message().find("may include: boss@x.test, ops.\nThey may need to redeploy") != std::string::npos);
  bundle.permissions.push_back(Json::parse(R"({"level":"CAN_MANAGE","group_name":"team"})").value());
  CHECK(message().find("Cannot apply local deployment permissions.") != std::string::npos);
}
