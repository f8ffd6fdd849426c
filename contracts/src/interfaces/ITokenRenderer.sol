// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Model} from "../Model.sol";

/// @notice A token as the renderer needs it.
/// @param image `aigcData` when `onchain`, otherwise the 32 bytes of the image hash.
/// @param imageBase Prefix of image addresses when not `onchain`.
struct TokenView {
    string collectionName;
    uint256 id;
    bytes prompt;
    address creator;
    bool onchain;
    bytes image;
    string imageBase;
}

/// @title Draws tokens and writes their documents
interface ITokenRenderer {
    /// @notice `data:application/json;base64,..` with the metadata of ERC-7007.
    function tokenURI(TokenView calldata token, Model calldata model) external pure returns (string memory);

    /// @notice `data:application/json;base64,..` with the metadata of ERC-7572.
    function contractURI(string calldata name, string calldata symbol, Model calldata model)
        external
        pure
        returns (string memory);

    /// @notice The posed picture, row-major: a palette index 0..15 a byte, or three planes of channel values 0..127.
    function picture(bytes calldata aigcData, uint256 pose, Model calldata model) external pure returns (bytes memory);
}
