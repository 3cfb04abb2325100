#include "core/base/member_order.hpp"
#include "core/workspace_client/workspace_client.hpp"

namespace pier::workspace_client {
namespace {

model::CurrentUser user_of(const Json& me) {
  model::CurrentUser user;
  user.id = me.get_string("id");
  user.user_name = me.get_string("userName");
  user.display_name = me.get_string("displayName");
  // Service principals are known by their application id, a UUID; people by an address.
  user.is_service_principal = user.user_name.size() == 36 && user.user_name.find('@') == std::string::npos;
  user.profile = me;
  return user;
}

Result<Json> ask_me(RestClient& client) {
  return client.get("/api/2.0/preview/scim/v2/Me");
}

} // namespace

Result<model::CurrentUser> current_user(RestClient& client) {
  PIER_TRY_ASSIGN(const auto me, ask_me(client));
  return user_of(me);
}

Result<KeptUser> current_user(RestClient& client, const SharedCache& cache) {
  constexpr std::string_view k_kind = "user";
  constexpr auto k_good_for = std::chrono::minutes(30);
  PIER_TRY_ASSIGN(const auto token, client.bearer_token());
  const auto question = dump_ordered(Json::object({{"host", client.host()}, {"auth_header", "Bearer " + token}}),
                                     MemberOrder{.first = {"host"}, .below = {}}, 0, true);
  if (const auto kept = cache.read(k_kind, question, k_good_for)) {
    if (const auto me = Json::parse(*kept); me && !me->get_string("userName").empty()) {
      return KeptUser{user_of(*me), true};
    }
  }
  PIER_TRY_ASSIGN(const auto me, ask_me(client));
  cache.write(k_kind, question, me.dump());
  return KeptUser{user_of(me), false};
}

} // namespace pier::workspace_client
