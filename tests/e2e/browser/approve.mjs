// Signs in by the link, approves the first open flight in the React app, and prints what it did.
// Usage: node approve.mjs SIGN_IN_LINK REASON [PICTURE.png]
import { withPage } from "./session.mjs";

const [link, reason, picture] = process.argv.slice(2);

await withPage(async (page) => {
  await page.goto(link);
  const person = await page.getByTestId("signed-in").getByText("@").innerText();
  const row = page.locator("tr[data-flight]").first();
  await row.waitFor();
  const flight = await row.getAttribute("data-flight");
  const total = await page.getByTestId("total").innerText();
  await row.getByRole("button", { name: "Decide on flight" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: "Approve" }).check();
  await dialog.getByLabel("Reason").fill(reason);
  await dialog.getByRole("button", { name: "Approve compensation" }).click();
  await page.getByRole("status").getByText("compensation approved").waitFor();
  if (picture) {
    await page.screenshot({ path: picture });
  }
  return { flight, person: person.replace("Signed in as", "").trim(), total };
});
