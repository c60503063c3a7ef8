using System.Text;
using CooperationEvents.Webhooks;

namespace CooperationEvents.UnitTests.Webhooks;

public sealed class WebhookSignatureTests
{
    private static readonly Guid Id = Guid.Parse("0198c0de-0000-7000-8000-000000000001");
    private static readonly DateTimeOffset SentAt = DateTimeOffset.FromUnixTimeSeconds(1674087231);

    [Fact]
    public void The_id_the_second_and_the_body_are_signed_with_points_between_them()
    {
        var secret = Encoding.ASCII.GetBytes("thirty-two bytes of a key: yes!!");

        // As openssl has it: printf '%s' "$id.1674087231.{}" | openssl dgst -sha256 -hmac 'thirty-two bytes of a key: yes!!' -binary |
        // base64
        WebhookSignature.Of(secret, Id, SentAt, "{}"u8).ShouldBe("v1,0GeSoMOeCEyE5lsoZT0kr4N2mXX/qJ6shxbcgz39mf0=");
        WebhookSignature.Timestamp(SentAt).ShouldBe("1674087231");
    }

    [Fact]
    public void Whatever_is_changed_the_signature_is_another()
    {
        var secret = WebhookSignature.NewSecret();
        var signed = WebhookSignature.Of(secret, Id, SentAt, "{}"u8);

        WebhookSignature.Of(secret, Id, SentAt, "{}"u8).ShouldBe(signed);
        WebhookSignature.Of(secret, Id, SentAt, "{ }"u8).ShouldNotBe(signed);
        WebhookSignature.Of(secret, Id, SentAt.AddSeconds(1), "{}"u8).ShouldNotBe(signed);
        WebhookSignature.Of(secret, Guid.NewGuid(), SentAt, "{}"u8).ShouldNotBe(signed);
        WebhookSignature.Of(WebhookSignature.NewSecret(), Id, SentAt, "{}"u8).ShouldNotBe(signed);
    }

    [Fact]
    public void A_secret_is_256_random_bits_and_shown_as_the_specification_says()
    {
        var secret = WebhookSignature.NewSecret();

        secret.Length.ShouldBe(32);
        secret.ShouldNotBe(WebhookSignature.NewSecret());
        var shown = WebhookSignature.Show(secret);
        shown.ShouldStartWith("whsec_");
        Convert.FromBase64String(shown["whsec_".Length..]).ShouldBe(secret);
    }
}
