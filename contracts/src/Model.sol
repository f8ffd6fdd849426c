// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @notice What one byte of `aigcData` says.
enum ImageKind {
    /// Two palette indices 0..15, the earlier pixel in the high nibble.
    Palette,
    /// One channel value 0..127; the planes red, green and blue follow each other.
    Rgb
}

/// @notice One model: what a proof is checked against and what its pictures look like. Its record never changes.
/// @param owner To whom licence fees are due.
/// @param commitment Commitment to weights, shifts and palette (book/formats.md, section 2); not zero.
/// @param verifier Contract with `IHalo2Verifier`.
/// @param verifierCodeHash keccak256 of its code.
/// @param vk Contract whose code is the verifying key.
/// @param vkCodeHash keccak256 of that code.
/// @param licenceFee Wei due to the owner for each minted token.
/// @param latentLength Bytes of the latent, 1..1024; a prompt has one byte more, the pose.
/// @param kind What a byte of the image says.
/// @param width Image width in pixels, a multiple of 8 in 8..128.
/// @param height Image height in pixels, 1..128.
/// @param scale How often display repeats a pixel in both directions, 1..64.
/// @param palette 16 colours of 3 bytes for `Palette`, nothing for `Rgb`.
/// @param cardUri Where the model card is, UTF-8.
struct Model {
    address owner;
    bytes32 commitment;
    address verifier;
    bytes32 verifierCodeHash;
    address vk;
    bytes32 vkCodeHash;
    uint96 licenceFee;
    uint256 latentLength;
    ImageKind kind;
    uint256 width;
    uint256 height;
    uint256 scale;
    bytes palette;
    string cardUri;
}

/// @title Lengths that follow from a model
library ModelShape {
    /// @notice Bytes of `aigcData`.
    function dataLength(Model memory model) internal pure returns (uint256) {
        uint256 pixels = model.width * model.height;
        return model.kind == ImageKind.Palette ? pixels / 2 : 3 * pixels;
    }
}
